package import ToolAuthCore

/// What a reply of a token endpoint says, before it is judged.
package enum TokenReply: Sendable {
    /// A declared success with an access token. `idToken`: as it came, unchecked.
    case granted(TokenGrant, idToken: String?)
    /// An error object at any status, or an object without an access token at a status that is no success.
    case refused(code: String?, description: String?)
    /// A 2xx object without a usable access token.
    case malformed(detail: String, refreshToken: Secret?)
    /// Empty, not of the encoding declared, or no object.
    case unreadable

    /// What the reader knows besides the reply.
    package struct Context: Sendable {
        /// When the request was sent: lifetimes count from here.
        package var sentAt: Timestamp
        package var policy: RefreshPolicy
        /// Whether an older refresh token goes on if the reply has none.
        package var keepsRefreshToken: Bool

        package init(sentAt: Timestamp, policy: RefreshPolicy, keepsRefreshToken: Bool) {
            self.sentAt = sentAt
            self.policy = policy
            self.keepsRefreshToken = keepsRefreshToken
        }
    }

    /// Reads `reply` as `format` says. Total: every reply is one of the cases. Unknown members are ignored (RFC 6749
    /// §5.1).
    package static func read(_ reply: HTTPReply, _ format: TokenResponseFormat, _ context: Context) -> TokenReply {
        guard let root = ReplyObject.read(reply, format.encoding) else { return .unreadable }
        let isMarked = isMarkedFailed(root, format)
        let reader = GrantReader(root: root, format: format, context: context, serverDate: reply.header("Date"))
        if format.success.contains(reply.status), !isMarked, let grant = reader.grant() {
            return .granted(grant, idToken: reader.idToken)
        }
        let error = format.error(in: root, status: reply.status)
        if isMarked || isPresent(error) || !(200..<300).contains(reply.status) {
            return .refused(code: error?.text, description: root[path: "error_description"]?.string)
        }
        return .malformed(detail: reader.problem(status: reply.status), refreshToken: reader.refreshToken)
    }

    private static func isMarkedFailed(_ root: JSONValue, _ format: TokenResponseFormat) -> Bool {
        guard let mark = format.failedWhen, let value = root[path: mark.path] else { return false }
        // The document says the value as JSON; a form has only strings.
        let expected = JSONValue(parsing: Array(mark.equals.utf8)) ?? .string(mark.equals)
        return value == expected || (value.string.map { bytesEqual($0, expected.text ?? "") } ?? false)
    }

    /// Empty means omitted; `false` is how some say that there was no error.
    private static func isPresent(_ error: JSONValue?) -> Bool {
        switch error {
        case nil, .null, .bool(false), .string(""): false
        default: true
        }
    }
}
