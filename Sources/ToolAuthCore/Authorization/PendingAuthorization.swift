/// A user on his way through a provider's consent page: the guide's cache entry, kept in the store.
///
/// Single use and short-lived; the state is stored only as a hash, the PKCE verifier and the nonce only sealed.
public struct PendingAuthorization: Sendable {
    /// Names the flow in the API; says nothing of the state.
    public let id: String
    public let key: ToolAuthKey
    /// 256 random bits, base64url; comes back in the callback.
    public let state: Secret
    /// PKCE (RFC 7636 §4.1); nil where the provider forbids it.
    public let codeVerifier: Secret?
    /// OpenID Connect nonce, sent where scope has `openid`.
    public let nonce: Secret?
    /// The URL the user opens. Empty when read back from the store: it holds the state.
    public let authURL: String
    /// Byte for byte as sent, to be sent again at the exchange (RFC 6749 §4.1.3).
    public let redirectURI: String
    public let frontendRedirect: String?
    /// Scopes asked for, separated by single spaces.
    public let scope: String
    /// The issuer the callback's `iss` must equal (RFC 9207); nil: none is known.
    public let issuer: String?
    /// Whether a callback without `iss` is refused.
    public let requiresIssuer: Bool
    public let clientID: String
    public let connection: [String: String]
    public let createdAt: Timestamp
    public let expiresAt: Timestamp

    public init(
        id: String, key: ToolAuthKey, state: Secret, codeVerifier: Secret?, nonce: Secret?, authURL: String,
        redirectURI: String, frontendRedirect: String?, scope: String, issuer: String?, requiresIssuer: Bool,
        clientID: String, connection: [String: String], createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.key = key
        self.state = state
        self.codeVerifier = codeVerifier
        self.nonce = nonce
        self.authURL = authURL
        self.redirectURI = redirectURI
        self.frontendRedirect = frontendRedirect
        self.scope = scope
        self.issuer = issuer
        self.requiresIssuer = requiresIssuer
        self.clientID = clientID
        self.connection = connection
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}
