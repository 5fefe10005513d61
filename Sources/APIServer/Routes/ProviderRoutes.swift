import HTTPTypes
import SocketAPI
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/providers`
    func providers(_ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        return try .json(ProvidersBody(providers: try await service.providers().map(ProviderBody.init)))
    }

    /// `GET /v1/providers/{name}`
    func provider(_ name: String, _ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let all = try await service.providers()
        if let provider = all.first(where: { bytesEqual($0.name, name) }) {
            return try .json(ProviderBody(provider))
        }
        var error = ToolAuthError(.notFound, "The catalogue has no provider of that name; see GET /v1/providers.")
        error.suggestions = nearestNames(to: name, among: all.map(\.name))
        throw error
    }
}
