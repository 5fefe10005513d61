import OAuth
import ToolAuthCore

/// An authorization server and its habits, as a provider document tells them. Its endpoints are templates still; a
/// tool's connection values fill them as far as they go.
struct ProviderDocument: Sendable {
    var name: String
    var title: String
    /// Where the provider documents what the file says.
    var documentation: String?
    /// Where a client is registered.
    var console: String?
    /// What whoever makes a tool of it must know.
    var notes: [String] = []
    var exampleScopes: [String] = []
    var issuer: EndpointTemplate?
    /// Where `issuer` stands.
    var issuerPlace: Located<String>?
    /// In the order written.
    var connection: [ConnectionParameter] = []
    /// nil: the provider needs no user.
    var authorization: AuthorizationEndpoint?
    var token: TokenEndpoint
    var upgrade: TokenEndpoint?
    var refresh: TokenEndpoint
    var policy = PolicyDocument()
    var revocation: RevocationEndpoint?
    /// Where the endpoints stand that are given, by section.
    var endpointPlaces: [String: Located<String>] = [:]
    /// Where its name stands.
    var position: SourcePosition
}

extension ProviderDocument {
    /// Whether any of its requests has a place for the client's secret.
    var takesSecret: Bool {
        [token, upgrade, refresh].compactMap(\.self).contains { endpoint in
            endpoint.clientAuthentication != TokenEndpoint.ClientAuthentication.nothing
        }
    }
}
