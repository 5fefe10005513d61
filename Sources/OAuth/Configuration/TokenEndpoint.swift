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

/// Where a token reply keeps what it says; the defaults are RFC 6749 §5.1 and §5.2.
package struct TokenResponseFormat: Sendable, Equatable {
    package enum Encoding: String, Sendable { case json, form, auto }
    package enum ExpiryForm: String, Sendable {
        case seconds, milliseconds, epoch, epochMilliseconds = "epoch_ms", iso8601
    }

    package struct Expiry: Sendable, Equatable {
        package var from: String
        package var form: ExpiryForm

        package init(from: String, form: ExpiryForm = .seconds) {
            self.from = from
            self.form = form
        }
    }

    /// A value in the reply that marks an error sent with a success status, such as Slack's `ok: false`.
    package struct FailureMark: Sendable, Equatable {
        package var path: String
        /// The value as JSON text: `false`, `"error"`, `1`.
        package var equals: String

        package init(path: String, equals: String) {
            self.path = path
            self.equals = equals
        }
    }

    /// Dotted paths of the token object, the first that leads to an object; empty: the top.
    package var at: [String] = [""]
    package var accessToken: String = "access_token"
    package var refreshToken: String = "refresh_token"
    package var tokenType: String = "token_type"
    package var expiry = Expiry(from: "expires_in")
    package var refreshExpiry = Expiry(from: "refresh_token_expires_in")
    package var scope: String = "scope"
    package var scopeSeparator: String = " "
    /// Dotted paths from the top whose values are kept.
    package var metadata: [String] = []
    package var success: [Int] = [200]
    /// Further statuses that pass by themselves, whatever the body, beside 408, 425, 429 and 5xx.
    package var transientStatuses: [Int] = []
    package var failedWhen: FailureMark?
    /// Dotted paths from the top of the error's name. The first counts whose value is a name known here or of the
    /// standard; else the first that is there.
    package var error: [String] = ["error"]
    package var grantRejected: [String] = []
    package var clientRejected: [String] = []
    package var transient: [String] = []
    package var encoding: Encoding = .json
    /// Types handed out beside Bearer and DPoP.
    package var tokenTypes: [String] = []

    package init() {}
}

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
