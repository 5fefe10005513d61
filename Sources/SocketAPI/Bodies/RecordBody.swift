/// A stored grant as the API shows it: `GET /v1/tools/{tool_id}/users/{user_id}`. No secrets.
///
/// Times are RFC 3339 UTC with milliseconds.
public struct RecordBody: Codable, Sendable, Equatable {
    public var toolID: String
    public var userID: String
    /// `healthy`, `degraded` or `needs_reauthorization`.
    public var status: String
    /// Set with `needs_reauthorization`.
    public var reason: String?
    public var tokenType: String
    /// One space-separated string.
    public var scope: String
    /// When the access token ends, RFC 3339; null: no end is known.
    public var expiresAt: String?
    /// When the refresh token ends, RFC 3339; absent: no end is known.
    public var refreshTokenExpiresAt: String?
    /// When the daemon looks after the token next, RFC 3339; absent: never.
    public var refreshAt: String?
    /// The last refresh that succeeded, RFC 3339; absent: none did.
    public var lastRefreshedAt: String?
    /// The last attempt at a refresh, RFC 3339; absent: there was none.
    public var lastAttemptAt: String?
    /// Absent: the last attempt succeeded, or there was none.
    public var lastError: LastErrorBody?
    /// Failed attempts since the last success.
    public var consecutiveFailures: Int
    /// Another number with each change of the tokens; it grows and never repeats.
    public var generation: Int64
    /// When the user first connected; RFC 3339.
    public var createdAt: String
    /// The last change of any kind; RFC 3339.
    public var updatedAt: String
    /// What the provider said beside the tokens, such as an instance URL.
    public var metadata: [String: String]

    package init(
        toolID: String, userID: String, status: String, reason: String?, tokenType: String, scope: String,
        expiresAt: String?, refreshTokenExpiresAt: String?, refreshAt: String?, lastRefreshedAt: String?,
        lastAttemptAt: String?, lastError: LastErrorBody?, consecutiveFailures: Int, generation: Int64,
        createdAt: String, updatedAt: String, metadata: [String: String]
    ) {
        self.toolID = toolID
        self.userID = userID
        self.status = status
        self.reason = reason
        self.tokenType = tokenType
        self.scope = scope
        self.expiresAt = expiresAt
        self.refreshTokenExpiresAt = refreshTokenExpiresAt
        self.refreshAt = refreshAt
        self.lastRefreshedAt = lastRefreshedAt
        self.lastAttemptAt = lastAttemptAt
        self.lastError = lastError
        self.consecutiveFailures = consecutiveFailures
        self.generation = generation
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.metadata = metadata
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case toolID = "tool_id"
        case userID = "user_id"
        case status
        case reason
        case tokenType = "token_type"
        case scope
        case expiresAt = "expires_at"
        case refreshTokenExpiresAt = "refresh_token_expires_at"
        case refreshAt = "refresh_at"
        case lastRefreshedAt = "last_refreshed_at"
        case lastAttemptAt = "last_attempt_at"
        case lastError = "last_error"
        case consecutiveFailures = "consecutive_failures"
        case generation
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case metadata
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(toolID, forKey: .toolID)
        try container.encode(userID, forKey: .userID)
        try container.encode(status, forKey: .status)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encode(tokenType, forKey: .tokenType)
        try container.encode(scope, forKey: .scope)
        // A token without an end says so; the other times are absent where they do not apply.
        try container.encode(expiresAt, forKey: .expiresAt)
        try container.encodeIfPresent(refreshTokenExpiresAt, forKey: .refreshTokenExpiresAt)
        try container.encodeIfPresent(refreshAt, forKey: .refreshAt)
        try container.encodeIfPresent(lastRefreshedAt, forKey: .lastRefreshedAt)
        try container.encodeIfPresent(lastAttemptAt, forKey: .lastAttemptAt)
        try container.encodeIfPresent(lastError, forKey: .lastError)
        try container.encode(consecutiveFailures, forKey: .consecutiveFailures)
        try container.encode(generation, forKey: .generation)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(updatedAt, forKey: .updatedAt)
        try container.encode(metadata, forKey: .metadata)
    }
}

/// Why the last attempt failed.
public struct LastErrorBody: Codable, Sendable, Equatable {
    /// The provider's `error`, or one of the daemon's words: `connect`, `timeout`, `malformed`, ….
    public var code: String
    public var detail: String
    public var providerStatus: Int?

    package init(code: String, detail: String, providerStatus: Int?) {
        self.code = code
        self.detail = detail
        self.providerStatus = providerStatus
    }

    private enum CodingKeys: String, CodingKey {
        case code
        case detail
        case providerStatus = "provider_status"
    }
}
