/// `GET /v1/tools`.
public struct ToolsBody: Codable, Sendable, Equatable {
    public var tools: [ToolBody]

    package init(tools: [ToolBody]) {
        self.tools = tools
    }
}

/// A configured tool.
public struct ToolBody: Codable, Sendable, Equatable {
    public var toolID: String
    /// Its name for people.
    public var title: String
    /// The provider it is built on; its own id where the provider is part of its file.
    public var provider: String
    /// `available`, `paused` or `unavailable`.
    public var status: String
    /// Why it is paused or unavailable, a sentence.
    public var reason: String?
    /// Whether the user must connect it before a token can be had. Only with `?user_id=`.
    public var isAuthRequired: Bool?

    package init(
        toolID: String, title: String, provider: String, status: String, reason: String?, isAuthRequired: Bool?
    ) {
        self.toolID = toolID
        self.title = title
        self.provider = provider
        self.status = status
        self.reason = reason
        self.isAuthRequired = isAuthRequired
    }

    private enum CodingKeys: String, CodingKey {
        case toolID = "tool_id"
        case title
        case provider
        case status
        case reason
        case isAuthRequired = "is_auth_required"
    }
}

/// `GET /v1/auths`, in the order (tool, user).
public struct AuthsBody: Codable, Sendable, Equatable {
    public var auths: [RecordBody]
    /// For the next page; absent on the last.
    public var nextCursor: String?

    package init(auths: [RecordBody], nextCursor: String?) {
        self.auths = auths
        self.nextCursor = nextCursor
    }

    private enum CodingKeys: String, CodingKey {
        case auths
        case nextCursor = "next_cursor"
    }
}
