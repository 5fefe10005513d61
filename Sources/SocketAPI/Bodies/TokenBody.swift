/// `GET /v1/tools/{tool_id}/users/{user_id}/token`.
public struct TokenBody: Codable, Sendable {
    public var accessToken: String
    public var tokenType: String
    /// RFC 3339; null: no end is known.
    public var expiresAt: String?
    /// Whole seconds left, rounded down; null: no end is known.
    public var expiresIn: Int64?
    public var scope: String
    public var generation: Int64
    public var metadata: [String: String]
    /// Something is wrong although the token is valid.
    public var warning: WarningBody?

    package init(
        accessToken: String, tokenType: String, expiresAt: String?, expiresIn: Int64?, scope: String,
        generation: Int64, metadata: [String: String], warning: WarningBody?
    ) {
        self.accessToken = accessToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.expiresIn = expiresIn
        self.scope = scope
        self.generation = generation
        self.metadata = metadata
        self.warning = warning
    }

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case tokenType = "token_type"
        case expiresAt = "expires_at"
        case expiresIn = "expires_in"
        case scope
        case generation
        case metadata
        case warning
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(accessToken, forKey: .accessToken)
        try container.encode(tokenType, forKey: .tokenType)
        try container.encode(expiresAt, forKey: .expiresAt)
        try container.encode(expiresIn, forKey: .expiresIn)
        try container.encode(scope, forKey: .scope)
        try container.encode(generation, forKey: .generation)
        try container.encode(metadata, forKey: .metadata)
        try container.encodeIfPresent(warning, forKey: .warning)
    }
}

/// What is wrong although the token is valid.
public struct WarningBody: Codable, Sendable, Equatable {
    /// `urn:toolauthd:` and `shorter-than-asked`, `refresh-failed`, `reauthorization-required`, `tool-paused` or `held`.
    public var type: String
    /// The same in a sentence.
    public var detail: String

    package init(type: String, detail: String) {
        self.type = type
        self.detail = detail
    }
}
