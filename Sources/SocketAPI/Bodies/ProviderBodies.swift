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
    /// What a tool must supply.
    public var connection: [ConnectionParameterBody]

    package init(
        name: String, title: String, status: String, reason: String?, documentation: String?, issuer: String?,
        authorizationEndpoint: String?, tokenEndpoint: String?, revocationEndpoint: String?,
        connection: [ConnectionParameterBody]
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
