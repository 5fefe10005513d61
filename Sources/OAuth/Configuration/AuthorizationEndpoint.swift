/// Where the user consents, and how this server likes to be asked.
package struct AuthorizationEndpoint: Sendable, Equatable {
    package enum PKCE: String, Sendable { case s256 = "S256", none }

    package var url: EndpointAddress
    package var pkce: PKCE
    /// The parameter the scopes go in; Slack has `user_scope`.
    package var scopeParameter: String
    package var scopeSeparator: String
    /// Scopes asked for whatever the tool or its caller names: without them the provider sends no refresh token.
    package var alwaysScopes: [String]
    /// Further parameters, in the order of their names.
    package var parameters: [String: Template]
    /// Standard parameter → the server's name for it; nil leaves it out.
    package var rename: [String: String?]
    /// The parameter of the redirect back that holds the code.
    package var codeParameter: String
    /// Parameters of the redirect back kept as metadata.
    package var callbackMetadata: [String]

    package init(
        url: EndpointAddress, pkce: PKCE = .s256, scopeParameter: String = "scope", scopeSeparator: String = " ",
        alwaysScopes: [String] = [],
        parameters: [String: Template] = [:], rename: [String: String?] = [:], codeParameter: String = "code",
        callbackMetadata: [String] = []
    ) {
        self.url = url
        self.pkce = pkce
        self.scopeParameter = scopeParameter
        self.scopeSeparator = scopeSeparator
        self.alwaysScopes = alwaysScopes
        self.parameters = parameters
        self.rename = rename
        self.codeParameter = codeParameter
        self.callbackMetadata = callbackMetadata
    }
}
