/// Where codes and refresh tokens are exchanged, and in what form. One for the exchange, one for refreshes.
package struct TokenEndpoint: Sendable, Equatable {
    package enum ClientAuthentication: String, Sendable {
        case clientSecretBasic = "client_secret_basic"
        case clientSecretPost = "client_secret_post"
        /// The secret is the user name of HTTP Basic and the password empty, as at Stripe.
        case clientSecretAsUser = "client_secret_as_user"
        case nothing = "none"
    }

    package enum Method: String, Sendable { case post, get }

    package enum BodyFormat: String, Sendable { case form, json, query }

    package var url: EndpointAddress
    /// With `get` all parameters go in the query, whatever ``body`` says.
    package var method: Method
    /// The value of `grant_type`; nil: that of the grant (RFC 6749 §4.1.3, §4.4.2, §6).
    package var grantType: String?
    /// nil: what the issuer's metadata offers; `client_secret_basic` where there is none.
    package var clientAuthentication: ClientAuthentication?
    package var body: BodyFormat
    /// Further parameters of the request; a value may be a template such as `${scope}`.
    package var parameters: [String: Template]
    package var headers: [String: String]
    /// Standard parameter → the server's name for it; nil leaves it out.
    package var rename: [String: String?]
    package var response: TokenResponseFormat

    package init(
        url: EndpointAddress, method: Method = .post, grantType: String? = nil,
        clientAuthentication: ClientAuthentication? = nil, body: BodyFormat = .form,
        parameters: [String: Template] = [:], headers: [String: String] = [:], rename: [String: String?] = [:],
        response: TokenResponseFormat = TokenResponseFormat()
    ) {
        self.url = url
        self.method = method
        self.grantType = grantType
        self.clientAuthentication = clientAuthentication
        self.body = body
        self.parameters = parameters
        self.headers = headers
        self.rename = rename
        self.response = response
    }
}
