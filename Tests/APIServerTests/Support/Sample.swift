import ToolAuthCore

/// One grant and what belongs to it.
enum Sample {
    // swift-format-ignore: NeverForceUnwrap
    static let time = Timestamp(rfc3339: "2026-01-31T09:05:07.250Z")!
    // swift-format-ignore: NeverForceUnwrap
    static let key = ToolAuthKey(ToolID("github")!, UserID("alice")!)
    static let record = record(for: key)
    static let issued = IssuedToken(
        accessToken: Secret("gho_secret"), record: record, expiresIn: .milliseconds(3599_900), warning: nil)

    static func record(for key: ToolAuthKey) -> ToolAuthRecord {
        var record = ToolAuthRecord(
            key: key, tokenType: "Bearer", scope: "repo user", obtainedAt: time, expiresAt: time,
            hasAccessToken: true, hasRefreshToken: true, clientID: "app", tokenOrigin: "https://example.org",
            createdAt: time)
        record.generation = 12
        record.metadata = ["team": "a/b"]
        return record
    }

    static func pending(_ key: ToolAuthKey) -> PendingAuthorization {
        PendingAuthorization(
            id: "flow-1", key: key, state: Secret("state-1"), codeVerifier: nil, nonce: nil,
            authURL: "https://example.org/authorize?state=state-1", redirectURI: "http://localhost/callback",
            frontendRedirect: nil, scope: "repo", issuer: nil, requiresIssuer: false, clientID: "app", connection: [:],
            createdAt: time, expiresAt: time)
    }
}
