import HTTPTypes
import HummingbirdCore
import NIOCore
import SocketAPI
import Telemetry
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/status`
    func status(_ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        return try .json(StatusBody(try await service.status()))
    }

    /// `GET /metrics`: the daemon's numbers, then the API's own.
    func metrics(_ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let text = try await service.metrics() + metrics.text
        return .bytes(ByteBuffer(string: text), type: MetricsText.contentType)
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
