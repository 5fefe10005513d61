import OAuth
import ToolAuthCore

/// Values that most tests start from.
enum Fixture {
    static let now = Timestamp(millisecondsSinceEpoch: 1_767_225_600_000)
    // swift-format-ignore: NeverForceUnwrap
    static let alice = UserID("alice")!
    // swift-format-ignore: NeverForceUnwrap
    static let toolID = ToolID("gmail")!
    static let redirectURI = "https://app.example.com/v1/tool/auth"

    static func configuration(
        authorization: AuthorizationEndpoint = AuthorizationEndpoint(url: "https://auth.example.com/authorize"),
        token: TokenEndpoint = TokenEndpoint(url: "https://auth.example.com/token"), refresh: TokenEndpoint? = nil,
        secrets: [String] = ["client-secret-one"], scopes: [String] = ["mail.read", "mail.send"]
    ) -> OAuth2Configuration {
        OAuth2Configuration(
            toolID: toolID, clientID: "client-1", clientSecrets: secrets.map { Secret($0) }, scopes: scopes,
            optionalScopes: ["calendar"], redirectURIs: [redirectURI, "http://127.0.0.1:8790/callback"],
            frontendRedirects: ["https://app.example.com/*"], extraParameters: ["hd"], authorization: authorization,
            token: token, refresh: refresh ?? token)
    }

    static let context = RequestContext(now: now, uuid: "00000000-0000-4000-8000-000000000000")

    static func record(scope: String = "mail.read") -> ToolAuthRecord {
        ToolAuthRecord(
            key: ToolAuthKey(toolID, alice), tokenType: "Bearer", scope: scope, obtainedAt: now,
            expiresAt: now + .seconds(3600), hasAccessToken: true, hasRefreshToken: true, clientID: "client-1",
            tokenOrigin: "https://auth.example.com:443", createdAt: now)
    }

    static func toolAuth(
        accessToken: String? = "stored-access-token", refreshToken: String? = "stored-refresh-token",
        record: ToolAuthRecord = record()
    ) -> ToolAuth {
        ToolAuth(
            record: record, accessToken: accessToken.map { Secret($0) }, refreshToken: refreshToken.map { Secret($0) })
    }

    static func pending(
        issuer: String? = nil, requiresIssuer: Bool = false, nonce: String? = nil,
        verifier: String? = "the-code-verifier", redirectURI: String = redirectURI, scope: String = "mail.read",
        connection: [String: String] = [:]
    ) -> PendingAuthorization {
        PendingAuthorization(
            id: "flow", key: ToolAuthKey(toolID, alice), state: Secret("the-state-of-this-flow"),
            codeVerifier: verifier.map { Secret($0) }, nonce: nonce.map { Secret($0) }, authURL: "",
            redirectURI: redirectURI, frontendRedirect: nil, scope: scope, issuer: issuer,
            requiresIssuer: requiresIssuer, clientID: "client-1", connection: connection, createdAt: now,
            expiresAt: now + .seconds(600))
    }

    static func callback(
        code: String? = "the-authorization-code", issuer: String? = nil, error: String? = nil,
        description: String? = nil, parameters: [String: String] = [:], redirectURI: String? = nil
    ) -> Callback {
        Callback(
            state: Secret("the-state-of-this-flow"), code: code.map { Secret($0) }, issuer: issuer, error: error,
            errorDescription: description, parameters: parameters, redirectURI: redirectURI)
    }

    static func reply(
        _ status: Int = 200, _ body: String = "", _ headers: [(name: String, value: String)] = []
    ) -> HTTPReply {
        HTTPReply(status: status, headers: headers, body: Secret(body))
    }

    static func success(
        _ status: Int = 200, _ body: String = "", _ headers: [(name: String, value: String)] = []
    ) -> Result<HTTPReply, TransportFailure> {
        .success(reply(status, body, headers))
    }

    static func format(_ change: (inout TokenResponseFormat) -> Void = { _ in }) -> TokenResponseFormat {
        var format = TokenResponseFormat()
        change(&format)
        return format
    }

    static func context(
        keepsRefreshToken: Bool = false, _ change: (inout RefreshPolicy) -> Void = { _ in }
    ) -> TokenReply.Context {
        var policy = RefreshPolicy()
        change(&policy)
        return TokenReply.Context(sentAt: now, policy: policy, keepsRefreshToken: keepsRefreshToken)
    }

    /// An unsigned JWT with these claims.
    static func jwt(_ claims: String, header: String = #"{"alg":"RS256"}"#) -> String {
        "\(Base64.encodeURL(header.utf8)).\(Base64.encodeURL(claims.utf8)).\(Base64.encodeURL("sig".utf8))"
    }
}

extension HTTPRequest {
    /// The parameters of a form body, in order; empty where there is none.
    var form: [(name: String, value: String)] {
        guard let body else { return [] }
        return FormURLEncoding.decode(Array(body.reveal().utf8)) ?? []
    }

    func parameter(_ name: String) -> String? {
        form.first { $0.name == name }?.value
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name == name }?.value.reveal()
    }
}

extension String {
    /// The parameters of a URL's query, in order.
    var query: [(name: String, value: String)] {
        guard let question = firstIndex(of: "?") else { return [] }
        return FormURLEncoding.decode(Array(self[index(after: question)...].utf8)) ?? []
    }

    func parameter(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }
}
