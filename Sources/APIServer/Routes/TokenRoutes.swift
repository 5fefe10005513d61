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
        let wanted = try TokenRequest(key, request)
        let token = try await service.getToken(key, wanted.query)
        return (wanted.answer(with: token), token.record.generation)
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

/// A request for a token, read.
struct TokenRequest: Sendable {
    static let route = "GET /v1/tools/{tool_id}/users/{user_id}/token"

    let key: ToolAuthKey
    let query: TokenQuery
    let wantsPlainText: Bool

    /// - Throws: `invalid-request`.
    init(_ key: ToolAuthKey, _ request: APIRequest) throws(ToolAuthError) {
        self.key = key
        query = try TokenQuery(request)
        wantsPlainText = prefersPlainText(accept: request.accept)
    }

    /// - Returns: nil: it is another request, or one to be refused.
    init?(_ request: APIRequest) {
        // So that other paths are not routed twice.
        guard request.method == .get, request.body.isEmpty, request.target.path.hasSuffix("/token"),
            let resource = try? Resource(path: request.target.path), case .token(let key) = resource
        else { return nil }
        do throws(ToolAuthError) { try self.init(key, request) } catch { return nil }
    }

    func answer(with token: IssuedToken) -> Response {
        let generation = token.record.generation
        guard wantsPlainText else {
            return .bytes(TokenJSON.encode(token), type: "application/json", generation: generation)
        }
        let bytes = token.accessToken.withUnsafeBytes { ByteBuffer(bytes: $0) }
        return .bytes(bytes, type: "text/plain; charset=utf-8", generation: generation)
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
