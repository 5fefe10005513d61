import HTTPTypes
import SocketAPI
import ToolAuthCore

extension APIResponder {
    /// `GET /v1/tools[?user_id=]`
    func tools(_ request: APIRequest, _ client: Client) async throws -> Response {
        try request.refuseBody()
        let userID = try request.query("user_id").userID
        let scope = try client.check(.read, userID: userID).scope
        return try .json(ToolsBody(tools: try await service.tools(for: userID, in: scope).map(ToolBody.init)))
    }

    /// `GET /v1/auths?tool_id=&user_id=&status=&limit=&cursor=`
    func toolAuths(_ request: APIRequest, _ client: Client) async throws -> Response {
        try request.refuseBody()
        let query = try RecordQuery(try request.query("tool_id", "user_id", "status", "limit", "cursor"))
        let scope = try client.check(.read, toolID: query.toolID, userID: query.userID).scope
        let page = try await service.toolAuths(query, in: scope)
        let cursor = page.hasMore ? page.records.last.map { Cursor.encode($0.key) } : nil
        return try .json(AuthsBody(auths: page.records.map(RecordBody.init), nextCursor: cursor))
    }
}

extension RecordQuery {
    /// The most grants on a page.
    private static let largestPage = 1000

    /// - Throws: `invalid-request`.
    init(_ query: Query) throws(ToolAuthError) {
        self.init(toolID: try query.toolID, userID: try query.userID)
        if let status = query["status"] {
            guard ["healthy", "degraded", "needs_reauthorization"].contains(status) else {
                throw .invalidRequest(field: "status", "status is healthy, degraded or needs_reauthorization.")
            }
            self.status = status
        }
        if let cursor = query["cursor"] { after = try Cursor.decode(cursor) }
        limit = try query.integer("limit", in: 1...Self.largestPage) ?? limit
    }
}

extension Query {
    var toolID: ToolID? {
        get throws(ToolAuthError) {
            guard let text = self["tool_id"] else { return nil }
            return try ToolID.parse(text, field: "tool_id")
        }
    }

    var userID: UserID? {
        get throws(ToolAuthError) {
            guard let text = self["user_id"] else { return nil }
            return try UserID.parse(text, field: "user_id")
        }
    }
}
