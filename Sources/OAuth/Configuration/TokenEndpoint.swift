/// Where codes and refresh tokens are exchanged, and in what form. One for the exchange, one for refreshes.
package struct TokenEndpoint: Sendable, Equatable {
    package enum ClientAuthentication: String, Sendable {
        case clientSecretBasic = "client_secret_basic"
        case clientSecretPost = "client_secret_post"
        case none
    }

    package enum BodyFormat: String, Sendable { case form, json, query }

    package var url: String
    package var clientAuthentication: ClientAuthentication
    package var body: BodyFormat
    /// Further parameters of the request; a value may be a template such as `${scope}`.
    package var parameters: [String: Template]
    package var headers: [String: String]
    /// Standard parameter → the server's name for it; nil leaves it out.
    package var rename: [String: String?]
    package var response: TokenResponseFormat

    package init(
        url: String, clientAuthentication: ClientAuthentication = .clientSecretBasic, body: BodyFormat = .form,
        parameters: [String: Template] = [:], headers: [String: String] = [:], rename: [String: String?] = [:],
        response: TokenResponseFormat = TokenResponseFormat()
    ) {
        self.url = url
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

    /// Dotted path of the token object; empty: the top.
    package var at: String = ""
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
    package var failedWhen: FailureMark?
    /// Dotted path from the top of the error's name.
    package var error: String = "error"
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

    package var url: String
    package var scope: Scope
    package var clientAuthentication: TokenEndpoint.ClientAuthentication

    package init(url: String, scope: Scope = .token, clientAuthentication: TokenEndpoint.ClientAuthentication) {
        self.url = url
        self.scope = scope
        self.clientAuthentication = clientAuthentication
    }
}
