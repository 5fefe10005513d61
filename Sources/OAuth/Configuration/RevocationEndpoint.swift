/// RFC 7009.
package struct RevocationEndpoint: Sendable, Equatable {
    package enum Scope: String, Sendable {
        /// Ends the token given.
        case token
        /// Ends every grant of this user at this client.
        case grant
    }

    package var url: EndpointAddress
    package var scope: Scope
    /// The token to revoke first.
    package var first: RevocationRequest.TokenKind
    package var body: TokenEndpoint.BodyFormat
    /// nil: as ``TokenEndpoint/clientAuthentication``.
    package var clientAuthentication: TokenEndpoint.ClientAuthentication?

    package init(
        url: EndpointAddress, scope: Scope = .token, first: RevocationRequest.TokenKind = .refreshToken,
        body: TokenEndpoint.BodyFormat = .form, clientAuthentication: TokenEndpoint.ClientAuthentication? = nil
    ) {
        self.url = url
        self.scope = scope
        self.first = first
        self.body = body
        self.clientAuthentication = clientAuthentication
    }
}
