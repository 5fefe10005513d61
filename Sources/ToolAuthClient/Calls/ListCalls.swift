public import SocketAPI
public import ToolAuthCore

extension ToolAuthClient {
    /// The configured tools; with a user, also whether he must connect each (`isAuthRequired`).
    public func tools(userID: UserID? = nil) async throws(ToolAuthClientError) -> [ToolBody] {
        try await value(of: .tools(userID: userID)).tools
    }

    /// The catalogue of providers.
    public func providers() async throws(ToolAuthClientError) -> [ProviderBody] {
        try await value(of: .providers()).providers
    }

    /// One provider of the catalogue.
    ///
    /// - Throws: problem `not-found`, with names close to it.
    public func provider(_ name: String) async throws(ToolAuthClientError) -> ProviderBody {
        try await value(of: .provider(name))
    }

    /// A page of grants, in the order (tool, user).
    ///
    /// - Parameters:
    ///   - status: `healthy`, `degraded` or `needs_reauthorization`.
    ///   - limit: records in the page, at most 1000; nil: 100.
    ///   - cursor: `nextCursor` of the page before; nil: the first page.
    public func auths(
        toolID: ToolID? = nil, userID: UserID? = nil, status: String? = nil, limit: Int? = nil, cursor: String? = nil
    ) async throws(ToolAuthClientError) -> AuthsBody {
        try await value(of: .auths(AuthsFilter(toolID, userID, status), limit: limit, cursor: cursor))
    }

    /// All grants, in the order (tool, user), page by page as they are read.
    ///
    /// ```swift
    /// for try await record in client.allAuths(status: "needs_reauthorization") {
    ///     remind(record.userID, of: record.toolID)
    /// }
    /// ```
    public func allAuths(
        toolID: ToolID? = nil, userID: UserID? = nil, status: String? = nil
    ) -> AuthSequence {
        AuthSequence(pages: AuthPages(client: self, filter: AuthsFilter(toolID, userID, status)))
    }
}

/// Which grants a list shows.
package struct AuthsFilter: Sendable {
    package var toolID: ToolID?
    package var userID: UserID?
    package var status: String?

    package init(_ toolID: ToolID?, _ userID: UserID?, _ status: String?) {
        self.toolID = toolID
        self.userID = userID
        self.status = status
    }
}

extension APICall {
    package static func tools(userID: UserID?) -> APICall where Value == ToolsBody {
        APICall(
            APIRequest(.get, ["v1", "tools"], query: [(name: "user_id", value: userID?.rawValue)]),
            bodyLimit: listLimit)
    }

    package static func providers() -> APICall where Value == ProvidersBody {
        APICall(APIRequest(.get, ["v1", "providers"]), bodyLimit: listLimit)
    }

    package static func provider(_ name: String) -> APICall where Value == ProviderBody {
        APICall(APIRequest(.get, ["v1", "providers", name]))
    }

    package static func auths(
        _ filter: AuthsFilter, limit: Int?, cursor: String?
    ) -> APICall where Value == AuthsBody {
        let query = [
            (name: "tool_id", value: filter.toolID?.rawValue), (name: "user_id", value: filter.userID?.rawValue),
            (name: "status", value: filter.status), (name: "limit", value: limit.map(String.init)),
            (name: "cursor", value: cursor),
        ]
        return APICall(APIRequest(.get, ["v1", "auths"], query: query), bodyLimit: listLimit)
    }
}
