import ToolAuthCore

/// Reads the token object of a reply.
struct GrantReader {
    let root: JSONValue
    let format: TokenResponseFormat
    let context: TokenReply.Context
    /// The `Date` header.
    let serverDate: String?

    /// nil where there is no usable access token.
    func grant() -> TokenGrant? {
        guard let token, let accessToken else { return nil }
        let refreshToken = refreshToken
        let expiry =
            TokenLifetime.end(token[path: format.expiry.from], format.expiry.form, sentAt: context.sentAt)
            ?? TokenLifetime.assumedEnd(
                accessToken: accessToken, sentAt: context.sentAt, policy: context.policy,
                hasRefreshToken: refreshToken != nil || context.keepsRefreshToken)
        let type = tokenType(token)
        return TokenGrant(
            accessToken: Secret(accessToken), refreshToken: refreshToken, tokenType: type, scope: scope(token),
            obtainedAt: context.sentAt, expiresAt: expiry, refreshTokenExpiresAt: refreshTokenEnd(token),
            metadata: metadata(accessToken: accessToken), isUsable: isUsable(type),
            serverDate: serverDate.flatMap(HTTPDate.parse))
    }

    /// An absent, empty or null one is none, and so is one of another type.
    var refreshToken: Secret? {
        guard let text = token?[path: format.refreshToken]?.string, !text.isEmpty else { return nil }
        return Secret(text)
    }

    /// Beside the access token, else at the top.
    var idToken: String? {
        token?[path: "id_token"]?.string ?? root[path: "id_token"]?.string
    }

    /// Why there is no grant.
    func problem(status: Int) -> String {
        guard format.success.contains(status) else { return "status \(status) is none of the declared successes" }
        guard let token else { return "the reply has no object '\(format.at.joined(separator: "' or '"))'" }
        switch token[path: format.accessToken] {
        case nil, .null, .string(""): return "the reply has no '\(format.accessToken)'"
        case .string: return "'\(format.accessToken)' has control characters"
        default: return "'\(format.accessToken)' is not a string"
        }
    }

    private var token: JSONValue? {
        format.at.lazy.compactMap { root[path: $0] }.first(where: \.isObject)
    }

    /// Without control characters, which a token never has (RFC 6749 appendix A.12) and which would split the header it
    /// is put into.
    private var accessToken: String? {
        guard let text = token?[path: format.accessToken]?.string, !text.isEmpty,
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
        else { return nil }
        return text
    }

    /// RFC 6749 §5.1 requires it; providers that leave it out mean Bearer, and to refuse their tokens would help nobody.
    private func tokenType(_ token: JSONValue) -> String {
        switch token[path: format.tokenType] {
        case nil, .null, .string(""): "Bearer"
        case let value?: value.text ?? "unknown"
        }
    }

    private func isUsable(_ type: String) -> Bool {
        (["Bearer"] + format.tokenTypes).contains { bytesEqual($0.lowercased(), type.lowercased()) }
    }

    /// nil where absent or empty: as asked for (§5.1).
    private func scope(_ token: JSONValue) -> String? {
        let words: [String]
        switch token[path: format.scope] {
        case .string(let text): words = split(text)
        case .array(let elements): words = elements.compactMap(\.string).flatMap(split)
        default: return nil
        }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }

    private func split(_ text: String) -> [String] {
        let separator = UInt8(ascii: " ")
        let other = format.scopeSeparator.utf8.count == 1 ? format.scopeSeparator.utf8.first : nil
        return text.utf8.split { $0 == separator || $0 == other }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Zero is none: some servers say "never" that way.
    private func refreshTokenEnd(_ token: JSONValue) -> Timestamp? {
        let expiry = format.refreshExpiry
        let end = TokenLifetime.end(token[path: expiry.from], expiry.form, sentAt: context.sentAt)
        return end == context.sentAt ? nil : end
    }

    /// Scalars by their path. A token is no metadata, whatever the document says: metadata is shown.
    private func metadata(accessToken: String) -> [String: String] {
        var result: [String: String] = [:]
        let secrets = [Secret(accessToken), refreshToken].compactMap { $0 }
        for path in format.metadata {
            guard let text = root[path: path]?.text, !text.isEmpty, !secrets.contains(Secret(text)) else { continue }
            result[path] = text
        }
        return result
    }
}
