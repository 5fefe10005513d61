/// `GET /v1/providers`.
public struct ProvidersBody: Codable, Sendable, Equatable {
    public var providers: [ProviderBody]

    package init(providers: [ProviderBody]) {
        self.providers = providers
    }
}

/// A provider of the catalogue.
public struct ProviderBody: Codable, Sendable, Equatable {
    /// What tools name in `provider`.
    public var name: String
    public var title: String
    /// `usable` or `broken`.
    public var status: String
    /// What is wrong with its document.
    public var reason: String?
    /// Where it documents what the catalogue says.
    public var documentation: String?
    public var issuer: String?
    /// Endpoints may hold `${connection.NAME}`.
    public var authorizationEndpoint: String?
    public var tokenEndpoint: String?
    public var revocationEndpoint: String?
    /// Where a client is registered.
    public var console: String?
    /// Where the daemon itself takes callbacks, to be registered for the client.
    public var redirectURI: String?
    /// What whoever makes a tool of it must know, a sentence each.
    public var notes: [String]
    /// Scopes that a first tool might ask for.
    public var exampleScopes: [String]
    /// Whether users consent; else the client gets its tokens by itself.
    public var needsUser: Bool
    /// Whether a client proves itself with a secret.
    public var takesSecret: Bool
    /// What a tool must supply.
    public var connection: [ConnectionParameterBody]

    package init(
        name: String, title: String, status: String, reason: String?, documentation: String?, issuer: String?,
        authorizationEndpoint: String?, tokenEndpoint: String?, revocationEndpoint: String?, console: String? = nil,
        redirectURI: String? = nil, notes: [String] = [], exampleScopes: [String] = [], needsUser: Bool = true,
        takesSecret: Bool = true, connection: [ConnectionParameterBody]
    ) {
        self.name = name
        self.title = title
        self.status = status
        self.reason = reason
        self.documentation = documentation
        self.issuer = issuer
        self.authorizationEndpoint = authorizationEndpoint
        self.tokenEndpoint = tokenEndpoint
        self.revocationEndpoint = revocationEndpoint
        self.console = console
        self.redirectURI = redirectURI
        self.notes = notes
        self.exampleScopes = exampleScopes
        self.needsUser = needsUser
        self.takesSecret = takesSecret
        self.connection = connection
    }

    private enum CodingKeys: String, CodingKey {
        case name
        case title
        case status
        case reason
        case documentation
        case issuer
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case revocationEndpoint = "revocation_endpoint"
        case console
        case redirectURI = "redirect_uri"
        case notes
        case exampleScopes = "example_scopes"
        case needsUser = "needs_user"
        case takesSecret = "takes_secret"
        case connection
    }
}

/// A value that a provider needs from each tool.
public struct ConnectionParameterBody: Codable, Sendable, Equatable {
    public var name: String
    public var description: String?
    /// The value where a tool gives none.
    public var `default`: String?
    /// A regular expression the whole value matches.
    public var pattern: String?
    /// The only values allowed.
    public var hosts: [String]?

    package init(name: String, description: String?, default value: String?, pattern: String?, hosts: [String]?) {
        self.name = name
        self.description = description
        self.default = value
        self.pattern = pattern
        self.hosts = hosts
    }
}
