package import SocketAPI
package import ToolAuthCore

extension ImportedTokens {
    /// - Throws: `invalid-request` for a body without a token, with an empty one, with two ends, with a time that is none, and
    ///   for characters that tokens do not have.
    package init(_ body: ImportBody) throws(ToolAuthError) {
        let accessToken = try Self.secret(body.accessToken, field: "access_token")
        let refreshToken = try Self.secret(body.refreshToken, field: "refresh_token")
        guard accessToken != nil || refreshToken != nil else {
            throw .invalidRequest(field: "access_token", "The body has neither an access token nor a refresh token.")
        }
        if body.expiresAt != nil, body.expiresIn != nil {
            throw .invalidRequest(field: "expires_in", "Send expires_at or expires_in, not both.")
        }
        if let seconds = body.expiresIn, seconds < 0 {
            throw .invalidRequest(field: "expires_in", "expires_in is a number of seconds from now, not negative.")
        }
        if let type = body.tokenType, type.isEmpty {
            throw .invalidRequest(field: "token_type", "token_type is empty; leave it out for Bearer.")
        }
        try Self.refuseControls(body.tokenType, field: "token_type")
        try Self.refuseControls(body.scope, field: "scope")
        for (name, value) in (body.metadata ?? [:]).sorted(by: { $0.key < $1.key }) {
            try Self.refuseControls(name, field: "metadata")
            try Self.refuseControls(value, field: "metadata.\(name)")
        }
        self.init(
            accessToken: accessToken,
            refreshToken: refreshToken,
            tokenType: body.tokenType ?? "Bearer",
            expiresAt: try Self.time(body.expiresAt, field: "expires_at"),
            expiresIn: body.expiresIn.map { .seconds($0) },
            refreshTokenExpiresAt: try Self.time(body.refreshTokenExpiresAt, field: "refresh_token_expires_at"),
            scope: body.scope,
            metadata: body.metadata ?? [:])
    }

    private static func secret(_ text: String?, field: String) throws(ToolAuthError) -> Secret? {
        guard let text else { return nil }
        guard !text.isEmpty else { throw .invalidRequest(field: field, "The token is empty; leave the member out.") }
        // RFC 6749 A.12, A.17: a line break in it would become a header of whoever uses it.
        guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw .invalidRequest(field: field, "A token is made of printable ASCII characters.")
        }
        return Secret(text)
    }

    private static func refuseControls(_ text: String?, field: String) throws(ToolAuthError) {
        guard let text, text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return
        }
        throw .invalidRequest(field: field, "The member has a control character.")
    }

    private static func time(_ text: String?, field: String) throws(ToolAuthError) -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw .invalidRequest(field: field, "\(field) is an RFC 3339 time, such as 2026-01-31T09:05:07Z.")
        }
        return time
    }
}
