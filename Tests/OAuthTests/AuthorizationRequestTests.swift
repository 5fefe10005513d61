import OAuth
import Testing
import ToolAuthCore

private func build(_ options: AuthURLOptions) throws(ToolAuthError) -> PendingAuthorization {
    try build(Fixture.configuration(), options)
}

private func build(
    _ configuration: OAuth2Configuration = Fixture.configuration(), _ options: AuthURLOptions = AuthURLOptions()
) throws(ToolAuthError) -> PendingAuthorization {
    try AuthorizationRequest.build(
        configuration, userID: Fixture.alice, options: options, now: Fixture.now, random: CountingRandom())
}

private func refusal(
    _ options: AuthURLOptions, _ configuration: OAuth2Configuration = Fixture.configuration()
) -> ToolAuthError? {
    do throws(ToolAuthError) {
        _ = try build(configuration, options)
        return nil
    } catch {
        return error
    }
}

private func names(_ url: String) -> [String] {
    url.query.map(\.name)
}

@Suite("Authorization requests")
struct AuthorizationRequestTests {
    @Test("RFC 6749 §4.1.1, RFC 7636 §4.3: the URL carries the protocol's parameters, each once")
    func plain() throws {
        let pending = try build()
        #expect(pending.authURL.hasPrefix("https://auth.example.com/authorize?"))
        let expected = [
            "response_type=code", "client_id=client-1", "redirect_uri=https://app.example.com/v1/tool/auth",
            "scope=mail.read mail.send", "state=\(pending.state.reveal())",
            "code_challenge=\(CodeChallenge.s256(of: try #require(pending.codeVerifier)))",
            "code_challenge_method=S256",
        ]
        #expect(pending.authURL.query.map { "\($0.name)=\($0.value)" } == expected)
        #expect(pending.nonce == nil)
    }

    @Test("what must be remembered is remembered")
    func remembered() throws {
        var configuration = Fixture.configuration()
        configuration.issuer = "https://auth.example.com"
        configuration.connection = ["tenant": "t1"]
        let pending = try build(
            configuration, AuthURLOptions(frontendRedirect: "https://app.example.com/done", connection: [:]))
        #expect(pending.key == ToolAuthKey(Fixture.toolID, Fixture.alice))
        #expect(pending.redirectURI == Fixture.redirectURI)
        #expect(pending.frontendRedirect == "https://app.example.com/done")
        #expect(pending.scope == "mail.read mail.send")
        #expect(pending.issuer == "https://auth.example.com" && !pending.requiresIssuer)
        #expect(pending.clientID == "client-1")
        // What the tool's file gives is not a part of the flow.
        #expect(pending.connection == [:])
        #expect(pending.createdAt == Fixture.now)
        #expect(pending.expiresAt == Fixture.now + .seconds(600))
    }

    @Test("RFC 6749 §10.12: state, verifier, nonce and id are drawn apart, and anew for every flow")
    func distinct() throws {
        let random = SystemRandomSource()
        let flows = try (0..<2).map { _ in
            try AuthorizationRequest.build(
                Fixture.configuration(scopes: ["openid"]), userID: Fixture.alice, options: AuthURLOptions(),
                now: Fixture.now, random: random)
        }
        let secrets = flows.flatMap { [$0.state, $0.codeVerifier, $0.nonce].compactMap { $0?.reveal() } }
        #expect(Set(secrets + flows.map(\.id)).count == 8)
        #expect(flows[0].state.count == 43)
    }

    @Test("RFC 9700 §2.1.2, §2.4: response_type is code, whatever the provider document says")
    func onlyCode() throws {
        let endpoint = AuthorizationEndpoint(
            url: "https://auth.example.com/authorize",
            parameters: ["response_type": "token", "state": "fixed", "access_type": "offline", "code_challenge": "x"])
        let pending = try build(Fixture.configuration(authorization: endpoint))
        #expect(pending.authURL.parameter("response_type") == "code")
        #expect(pending.authURL.parameter("state") == pending.state.reveal())
        #expect(pending.authURL.parameter("access_type") == "offline")
        #expect(Set(names(pending.authURL)).count == names(pending.authURL).count)
    }

    @Test("RFC 7636 §7.2: a provider without PKCE gets no challenge, and never a plain one")
    func withoutPKCE() throws {
        let endpoint = AuthorizationEndpoint(url: "https://auth.example.com/authorize", pkce: .none)
        let pending = try build(Fixture.configuration(authorization: endpoint))
        #expect(pending.codeVerifier == nil)
        #expect(!names(pending.authURL).contains { $0.hasPrefix("code_challenge") })
    }

    @Test("OpenID Connect Core §3.1.2.1: scope openid brings a fresh nonce")
    func nonce() throws {
        let pending = try build(Fixture.configuration(scopes: ["openid", "email"]))
        let nonce = try #require(pending.nonce)
        #expect(pending.authURL.parameter("nonce") == nonce.reveal())
        #expect(nonce != pending.state)
        #expect(try build(Fixture.configuration(scopes: ["openidx"])).nonce == nil)
    }

    @Test("RFC 6749 §3.1: an endpoint's own query is kept, and its parameters do not come twice")
    func keptQuery() throws {
        let endpoint = AuthorizationEndpoint(
            url: "https://auth.example.com/authorize?audience=api&x=%7E", parameters: ["audience": "other", "y": "1"])
        let url = try build(Fixture.configuration(authorization: endpoint)).authURL
        #expect(url.hasPrefix("https://auth.example.com/authorize?audience=api&x=%7E&response_type=code&"))
        #expect(names(url).filter { $0 == "audience" }.count == 1)
        #expect(url.parameter("y") == "1")
    }

    @Test(
        "an endpoint that makes no correct URL is the configuration's fault",
        arguments: [
            "https://auth.example.com/authorize#x", "https://auth.example.com/?state=1", "ftp://auth.example.com/",
            "https://auth.example.com/?%zz",
        ])
    func badEndpoint(url: String) {
        let configuration = Fixture.configuration(
            authorization: AuthorizationEndpoint(url: EndpointAddress(literal: url)))
        #expect(refusal(AuthURLOptions(), configuration)?.code == .toolUnavailable)
    }

    @Test("Slack: the scopes go into user_scope, separated by commas")
    func slack() throws {
        let endpoint = AuthorizationEndpoint(
            url: "https://slack.com/oauth/v2/authorize", scopeParameter: "user_scope", scopeSeparator: ",")
        let pending = try build(Fixture.configuration(authorization: endpoint))
        #expect(pending.authURL.parameter("user_scope") == "mail.read,mail.send")
        #expect(pending.authURL.parameter("scope") == nil)
        #expect(pending.scope == "mail.read mail.send")
    }

    @Test("standard parameters can be renamed and left out")
    func renamed() throws {
        let endpoint = AuthorizationEndpoint(
            url: "https://auth.example.com/authorize", rename: ["client_id": "client_key", "response_type": nil])
        let url = try build(Fixture.configuration(authorization: endpoint)).authURL
        #expect(url.parameter("client_key") == "client-1")
        #expect(url.parameter("client_id") == nil)
        #expect(url.parameter("response_type") == nil)
    }

    @Test("templates are filled in and encoded; one without a value is the configuration's fault")
    func templates() throws {
        let endpoint = AuthorizationEndpoint(
            url: "https://auth.example.com/authorize",
            parameters: [
                "a": "${client_id}/${scope}", "b": "${connection.tenant}", "c": "${redirect_uri}",
                "empty": "${connection.e}",
            ])
        var configuration = Fixture.configuration(authorization: endpoint)
        configuration.connectionParameters = [ConnectionParameter(name: "tenant"), ConnectionParameter(name: "e")]
        configuration.connection = ["tenant": "x&y=z", "e": ""]
        let url = try build(configuration).authURL
        #expect(url.parameter("a") == "client-1/mail.read mail.send")
        #expect(url.parameter("b") == "x&y=z")
        #expect(url.parameter("c") == Fixture.redirectURI)
        #expect(url.parameter("empty") == nil)
        configuration.connection = [:]
        let unsaid = refusal(AuthURLOptions(), configuration)
        #expect(unsaid?.code == .invalidRequest)
        #expect(unsaid?.detail == "gmail needs a value for 'tenant'")
        configuration.connectionParameters = []
        let error = refusal(AuthURLOptions(), configuration)
        #expect(error?.code == .toolUnavailable)
        #expect(error?.detail.contains("${connection.") == true)
    }
}

@Suite("Authorization options")
struct AuthorizationOptionsTests {
    @Test("scopes within the tool's and its optional ones are asked for, each once, in the caller's order")
    func scopes() throws {
        let pending = try build(AuthURLOptions(scopes: ["calendar", "mail.read", "calendar"]))
        #expect(pending.scope == "calendar mail.read")
        #expect(pending.authURL.parameter("scope") == "calendar mail.read")
    }

    @Test(
        "RFC 6749 §3.3: scopes compare case-sensitively, and none beyond the tool's is asked for",
        arguments: [["Mail.read"], ["mail.read mail.send"], ["mail.read", "admin"], [""], []])
    func foreignScopes(scopes: [String]) {
        let error = refusal(AuthURLOptions(scopes: scopes))
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == "scopes")
    }

    @Test("scopes compare as bytes, not as equivalent text")
    func scopeBytes() {
        let configuration = Fixture.configuration(scopes: ["caf\u{e9}"])
        #expect(refusal(AuthURLOptions(scopes: ["cafe\u{301}"]), configuration)?.field == "scopes")
    }

    @Test("RFC 6749 §4.1.3: the redirect URI is one of the tool's, byte for byte")
    func redirectURI() throws {
        let pending = try build(AuthURLOptions(redirectURI: "http://127.0.0.1:8790/callback"))
        #expect(pending.redirectURI == "http://127.0.0.1:8790/callback")
        #expect(pending.authURL.parameter("redirect_uri") == "http://127.0.0.1:8790/callback")
    }

    @Test(
        "a redirect URI that differs in any byte is refused",
        arguments: [
            "https://app.example.com/v1/tool/auth/", "https://APP.example.com/v1/tool/auth", "",
            "https://app.example.com:443/v1/tool/auth", "https://app.example.com/v1/tool/auth?x=1",
            "http://127.0.0.1:8791/callback", "https://evil.example/",
        ])
    func foreignRedirectURI(uri: String) {
        #expect(refusal(AuthURLOptions(redirectURI: uri))?.field == "redirect_uri")
    }

    @Test("a parameter that the tool allows goes along; an empty one is left out")
    func extra() throws {
        #expect(
            try build(AuthURLOptions(extraParameters: ["hd": "example.com&x"])).authURL.parameter("hd")
                == "example.com&x")
        #expect(try build(AuthURLOptions(extraParameters: ["hd": ""])).authURL.parameter("hd") == nil)
    }

    @Test("a caller's value goes before the provider document's")
    func extraWins() throws {
        let endpoint = AuthorizationEndpoint(url: "https://auth.example.com/authorize", parameters: ["hd": "default"])
        let url = try build(
            Fixture.configuration(authorization: endpoint), AuthURLOptions(extraParameters: ["hd": "mine"])
        ).authURL
        #expect(url.query.filter { $0.name == "hd" }.map(\.value) == ["mine"])
    }

    @Test(
        "no caller sets a parameter of the protocol, even where the tool lists it",
        arguments: [
            "response_type", "response_mode", "client_id", "client_secret", "redirect_uri", "scope", "state", "code",
            "code_challenge", "code_challenge_method", "code_verifier", "nonce", "request", "request_uri", "resource",
            "registration", "client_assertion", "grant_type", "login_hint", "prompt", "user_scope", "client_key",
            "tenant",
        ])
    func standard(name: String) {
        let endpoint = AuthorizationEndpoint(
            url: "https://auth.example.com/authorize?tenant=1", scopeParameter: "user_scope",
            rename: ["client_id": "client_key"])
        var configuration = Fixture.configuration(authorization: endpoint)
        configuration.extraParameters = [name]
        let error = refusal(AuthURLOptions(extraParameters: [name: "x"]), configuration)
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == "extra_params")
    }

    @Test("a parameter that the tool does not list is refused")
    func unlisted() {
        let error = refusal(AuthURLOptions(extraParameters: ["audience\u{1b}[31m": "x"]))
        #expect(error?.field == "extra_params")
        #expect(error?.detail.contains("\u{1b}") == false)
    }

    @Test("connection values are refused where the tool takes none, or has its own")
    func connection() {
        var configuration = Fixture.configuration()
        configuration.connectionParameters = [ConnectionParameter(name: "tenant")]
        configuration.connection = ["tenant": "t1"]
        #expect(refusal(AuthURLOptions(connection: ["subdomain": "x"]), configuration)?.field == "connection")
        let error = refusal(AuthURLOptions(connection: ["tenant": "t2"]), configuration)
        #expect(error?.field == "connection")
        #expect(error?.detail.contains("fixed") == true)
    }

    @Test("login_hint goes along")
    func loginHint() throws {
        let url = try build(AuthURLOptions(loginHint: "alice@example.com")).authURL
        #expect(url.parameter("login_hint") == "alice@example.com")
    }

    @Test(
        "prompt is what caller and provider want together; none stands alone",
        arguments: [
            (nil, nil, nil), ("login", nil, "login"), (nil, "consent", "consent"), ("", "consent", "consent"),
            ("select_account", "consent", "consent select_account"), ("consent", "consent", "consent"),
            ("none", "consent", "none"), ("login", "none", "login"),
        ] as [(String?, String?, String?)])
    func prompt(asked: String?, provided: String?, result: String?) throws {
        let endpoint = AuthorizationEndpoint(
            url: "https://auth.example.com/authorize",
            parameters: provided.map { ["prompt": Template(literal: $0)] } ?? [:])
        let url = try build(Fixture.configuration(authorization: endpoint), AuthURLOptions(prompt: asked)).authURL
        #expect(url.query.filter { $0.name == "prompt" }.map(\.value) == [result].compactMap { $0 })
    }

    @Test("a frontend redirect that the tool does not allow is refused")
    func frontendRedirect() {
        #expect(refusal(AuthURLOptions(frontendRedirect: "https://evil.example/"))?.field == "frontend_redirect")
    }

    @Test("a tool without redirect URIs is unavailable")
    func noRedirectURI() {
        var configuration = Fixture.configuration()
        configuration.redirectURIs = []
        #expect(refusal(AuthURLOptions(), configuration)?.code == .toolUnavailable)
    }
}
