package import ToolAuthCore

/// One tool's client at one authorization server: what its provider document and its tool document say together,
/// checked, and with the tool's own connection values filled in.
package struct OAuth2Configuration: Sendable, Equatable {
    package var toolID: ToolID
    package var clientID: String
    /// Tried in order; only a rejected client moves to the next. Empty: a public client.
    package var clientSecrets: [Secret]
    /// Asked for when a caller names none.
    package var scopes: [String]
    package var optionalScopes: [String]
    /// The first is the default. Never empty.
    package var redirectURIs: [String]
    /// Patterns as in `https://assistants.example.com/*`.
    package var frontendRedirects: [String]
    /// Names a caller may pass to authorize.
    package var extraParameters: [String]
    /// The provider's issuer; a callback's `iss` must equal it, and endpoints that the document does not name are asked
    /// of it (RFC 8414).
    package var issuer: EndpointTemplate?
    package var stateLifetime: Duration
    package var authorization: AuthorizationEndpoint
    package var token: TokenEndpoint
    /// Where the access token of an exchange is exchanged at once for one that lives longer; nil: it is not.
    package var upgrade: TokenEndpoint?
    package var refresh: TokenEndpoint
    package var refreshPolicy: RefreshPolicy
    package var revocation: RevocationEndpoint?
    package var transport: TransportOptions
    /// Which hosts requests may go to, looked at once more for every request.
    package var addresses: AddressRules
    /// What the provider needs to know of each tool or grant.
    package var connectionParameters: [ConnectionParameter]
    /// The values that the tool's file gives; callers cannot change them.
    package var connection: [String: String]

    package init(
        toolID: ToolID, clientID: String, clientSecrets: [Secret], scopes: [String], optionalScopes: [String] = [],
        redirectURIs: [String], frontendRedirects: [String] = [], extraParameters: [String] = [],
        issuer: EndpointTemplate? = nil,
        stateLifetime: Duration = .seconds(600), authorization: AuthorizationEndpoint,
        token: TokenEndpoint, upgrade: TokenEndpoint? = nil, refresh: TokenEndpoint,
        refreshPolicy: RefreshPolicy = RefreshPolicy(), revocation: RevocationEndpoint? = nil,
        transport: TransportOptions = TransportOptions(), addresses: AddressRules = AddressRules(),
        connectionParameters: [ConnectionParameter] = [], connection: [String: String] = [:]
    ) {
        self.toolID = toolID
        self.clientID = clientID
        self.clientSecrets = clientSecrets
        self.scopes = scopes
        self.optionalScopes = optionalScopes
        self.redirectURIs = redirectURIs
        self.frontendRedirects = frontendRedirects
        self.extraParameters = extraParameters
        self.issuer = issuer
        self.stateLifetime = stateLifetime
        self.authorization = authorization
        self.token = token
        self.upgrade = upgrade
        self.refresh = refresh
        self.refreshPolicy = refreshPolicy
        self.revocation = revocation
        self.transport = transport
        self.addresses = addresses
        self.connectionParameters = connectionParameters
        self.connection = connection
    }
}
