import HTTPTypes
import NIOCore
import SocketAPI
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/tools/{tool_id}/users/{user_id}/token`
    ///
    /// - Returns: also which of the grant's tokens it is.
    func token(_ key: ToolAuthKey, _ request: APIRequest) async throws -> (Response, generation: Int64) {
        try request.refuseBody()
        return answer(try await service.getToken(key, try TokenQuery(request)), request)
    }

    /// As ``token(_:_:)``; nil: there is something to wait for, or to refuse.
    func tokenAtHand(_ key: ToolAuthKey, _ request: APIRequest) -> (Response, generation: Int64)? {
        guard request.body.isEmpty, let query = try? TokenQuery(request) else { return nil }
        return service.tokenAtHand(key, query).map { answer($0, request) }
    }

    private func answer(_ token: IssuedToken, _ request: APIRequest) -> (Response, generation: Int64) {
        let generation = token.record.generation
        guard prefersPlainText(accept: request.accept) else {
            return (.bytes(TokenJSON.encode(token), type: "application/json", generation: generation), generation)
        }
        let bytes = token.accessToken.withUnsafeBytes { ByteBuffer(bytes: $0) }
        return (.bytes(bytes, type: "text/plain; charset=utf-8", generation: generation), generation)
    }

    /// `POST /v1/tools/{tool_id}/users/{user_id}/refresh`
    func refresh(_ key: ToolAuthKey, _ request: APIRequest) async throws -> Response {
        _ = try request.query()
        try request.refuseBody()
        let record = try await service.tryRefreshToken(
            key, refusedGeneration: try EntityTag.ifMatch(request.fields))
        return try .json(RecordBody(record), generation: record.generation)
    }
}

extension TokenQuery {
    /// The longest `min_validity`, in seconds: as far ahead as any token is refreshed.
    private static let longestValidity = 7 * 86_400
    /// The longest `wait`, in seconds.
    private static let longestWait = 60

    /// Reads `min_validity` and `wait`, in whole seconds.
    ///
    /// - Throws: `invalid-request`, also for other parameters.
    init(_ request: APIRequest) throws(ToolAuthError) {
        self.init()
        let query = try request.query("min_validity", "wait")
        if let seconds = try query.integer("min_validity", in: 0...Self.longestValidity) {
            minimumValidity = .seconds(seconds)
        }
        if let seconds = try query.integer("wait", in: 0...Self.longestWait) { wait = .seconds(seconds) }
    }
}
