import HTTPTypes
import NIOCore
import SocketAPI
import Telemetry
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/status`
    func status(_ request: APIRequest, _ rule: AccessRule) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        return try .json(StatusBody(try await service.status(in: rule.scope)))
    }

    /// `GET /metrics`: the daemon's numbers, then the API's own.
    func metrics(_ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let text = try await service.metrics() + metrics.text
        return .bytes(ByteBuffer(string: text), type: MetricsText.contentType)
    }

    /// `GET /v1/openapi.json`: the contract of the API.
    func openAPI(_ request: APIRequest) throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        return .bytes(ByteBuffer(bytes: PackageResources.openapi_json), type: "application/json")
    }

    /// `GET /healthz`: 503 only while the store cannot be read.
    func health(_ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let health = await service.health()
        let status: HTTPResponse.Status = if case .failed = health { .serviceUnavailable } else { .ok }
        return try .json(HealthBody(health), status: status)
    }
}
