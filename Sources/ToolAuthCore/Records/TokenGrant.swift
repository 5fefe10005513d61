/// What a provider granted in one reply, read and checked, with instants instead of lifetimes.
public struct TokenGrant: Sendable {
    public var accessToken: Secret
    /// nil: the reply had none, or an empty one. On a refresh the old one then goes on (RFC 6749 §6).
    public var refreshToken: Secret?
    /// As sent; compared without regard to case (RFC 6749 §7.1).
    public var tokenType: String
    /// Granted scopes separated by single spaces; nil: as asked for (RFC 6749 §5.1).
    public var scope: String?
    /// When the request was sent.
    public var obtainedAt: Timestamp
    /// nil: the reply gave no lifetime and policy assumed none.
    public var expiresAt: Timestamp?
    public var refreshTokenExpiresAt: Timestamp?
    /// Values the provider document picks from reply and callback.
    public var metadata: [String: String]
    /// Whether the token is of a type that may be handed out; others are stored, and the record is degraded.
    public var isUsable: Bool
    /// The `Date` header of the reply, to the second; nil if absent.
    public var serverDate: Timestamp?
    /// `scheme://host:port` of the endpoint that issued it, where the tool may have several; nil: the tool's own.
    public var tokenOrigin: String?
    /// The client it was issued to; nil: the one that the grant is of already.
    public var clientID: String?

    public init(
        accessToken: Secret, refreshToken: Secret?, tokenType: String, scope: String?, obtainedAt: Timestamp,
        expiresAt: Timestamp?, refreshTokenExpiresAt: Timestamp? = nil, metadata: [String: String] = [:],
        isUsable: Bool = true, serverDate: Timestamp? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.scope = scope
        self.obtainedAt = obtainedAt
        self.expiresAt = expiresAt
        self.refreshTokenExpiresAt = refreshTokenExpiresAt
        self.metadata = metadata
        self.isUsable = isUsable
        self.serverDate = serverDate
    }
}
