/// Body of `PUT /v1/tools/{tool_id}/users/{user_id}`: tokens obtained elsewhere, one of the two at least.
public struct ImportBody: Codable, Sendable {
    public var accessToken: String?
    public var refreshToken: String?
    /// Bearer unless said otherwise.
    public var tokenType: String?
    /// RFC 3339; not together with `expiresIn`.
    public var expiresAt: String?
    /// Seconds from now.
    public var expiresIn: Int64?
    /// RFC 3339; nil: no end is known.
    public var refreshTokenExpiresAt: String?
    public var scope: String?
    public var metadata: [String: String]?

    public init(
        accessToken: String? = nil, refreshToken: String? = nil, tokenType: String? = nil, expiresAt: String? = nil,
        expiresIn: Int64? = nil, refreshTokenExpiresAt: String? = nil, scope: String? = nil,
        metadata: [String: String]? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.expiresIn = expiresIn
        self.refreshTokenExpiresAt = refreshTokenExpiresAt
        self.scope = scope
        self.metadata = metadata
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case accessToken = "access_token"
        case refreshToken = "refresh_token"
        case tokenType = "token_type"
        case expiresAt = "expires_at"
        case expiresIn = "expires_in"
        case refreshTokenExpiresAt = "refresh_token_expires_at"
        case scope
        case metadata
    }
}
