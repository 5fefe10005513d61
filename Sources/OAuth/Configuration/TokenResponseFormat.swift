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
    /// The statuses with which the names of ``clientRejected`` count; empty: any.
    package var clientRejectedStatuses: [Int] = []
    package var transient: [String] = []
    package var encoding: Encoding = .json
    /// Types handed out beside Bearer.
    package var tokenTypes: [String] = []

    package init() {}
}
