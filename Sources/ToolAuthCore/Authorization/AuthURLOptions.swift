/// What a caller may ask for when a user is to connect a tool; all optional.
public struct AuthURLOptions: Sendable, Equatable {
    /// nil: the tool's own scopes. Else a subset of its scopes and optional scopes.
    public var scopes: [String]?
    /// One of the tool's; nil: its first.
    public var redirectURI: String?
    /// Where the browser goes afterwards; must be allowed by the tool.
    public var frontendRedirect: String?
    public var loginHint: String?
    public var prompt: String?
    /// Values of the provider's connection parameters, such as a subdomain.
    public var connection: [String: String]
    /// Further authorization parameters, only names that the tool allows.
    public var extraParameters: [String: String]

    public init(
        scopes: [String]? = nil, redirectURI: String? = nil, frontendRedirect: String? = nil, loginHint: String? = nil,
        prompt: String? = nil, connection: [String: String] = [:], extraParameters: [String: String] = [:]
    ) {
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.frontendRedirect = frontendRedirect
        self.loginHint = loginHint
        self.prompt = prompt
        self.connection = connection
        self.extraParameters = extraParameters
    }
}
