package import SocketAPI
package import ToolAuthCore

extension ImportedTokens {
    /// - Throws: `invalid-request` for a body without a token, with an empty one, with two ends, or with a time that is
    ///   none.
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
        return Secret(text)
    }

    private static func time(_ text: String?, field: String) throws(ToolAuthError) -> Timestamp? {
        guard let text else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            throw .invalidRequest(field: field, "\(field) is an RFC 3339 time, such as 2026-01-31T09:05:07Z.")
        }
        return time
    }
}
