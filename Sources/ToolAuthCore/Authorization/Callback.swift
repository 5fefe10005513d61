/// What the browser brought back to the redirect URI, decoded (RFC 6749 §4.1.2, RFC 9207).
///
/// Parameters that came more than once are refused before one of these exists (RFC 6749 §3.1).
public struct Callback: Sendable {
    public let state: Secret
    public let code: Secret?
    public let issuer: String?
    public let error: String?
    public let errorDescription: String?
    /// All other parameters, by name; a provider document may pick some as metadata.
    public let parameters: [String: String]
    /// The URL it came to, query aside, to be the redirect URI of its request (RFC 8252 §8.10); nil: not known, as where
    /// an application hands over the parameters alone.
    public let redirectURI: String?

    public init(
        state: Secret, code: Secret?, issuer: String?, error: String?, errorDescription: String?,
        parameters: [String: String], redirectURI: String? = nil
    ) {
        self.state = state
        self.code = code
        self.issuer = issuer
        self.error = error
        self.errorDescription = errorDescription
        self.parameters = parameters
        self.redirectURI = redirectURI
    }
}
