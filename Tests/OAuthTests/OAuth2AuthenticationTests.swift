import OAuth
import Testing
import ToolAuthCore

private func authentication(
    _ transport: StubTransport, _ configuration: OAuth2Configuration = Fixture.configuration()
) -> OAuth2Authentication {
    OAuth2Authentication(
        configuration: configuration, transport: transport, clock: StoppedClock(), random: CountingRandom())
}

private let tokens = Fixture.success(
    200, #"{"access_token":"new-access","refresh_token":"new-refresh","token_type":"Bearer","expires_in":3600}"#)
private let invalidClient = Fixture.success(401, #"{"error":"invalid_client"}"#)

private let postConfiguration = Fixture.configuration(
    token: TokenEndpoint(url: "https://auth.example.com/token", clientAuthentication: .clientSecretPost),
    secrets: ["one-secret", "two-secret"])

@Suite("OAuth2Authentication: connecting")
struct ConnectingTests {
    @Test("a flow from URL to tokens")
    func flow() async throws {
        let transport = StubTransport(tokens)
        let authentication = authentication(transport)
        let pending = try await authentication.getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        #expect(pending.createdAt == Fixture.now)
        let callback = Fixture.callback(code: "c-1")
        let grant = try await authentication.retrieveAuthToken(from: callback, pending: pending)
        #expect(grant.accessToken == Secret("new-access"))
        #expect(grant.expiresAt == Fixture.now + .seconds(3600))
        let request = try #require(transport.sent.first)
        #expect(request.parameter("code") == "c-1")
        let verifier = try #require(request.parameter("code_verifier"))
        #expect(pending.authURL.parameter("code_challenge") == CodeChallenge.s256(of: Secret(verifier)))
        #expect(request.parameter("redirect_uri") == pending.authURL.parameter("redirect_uri"))
    }

    @Test("RFC 6749 §4.1.2.1, RFC 9207 §2.4: a callback that is refused is never exchanged")
    func refusedCallback() async throws {
        let transport = StubTransport(tokens)
        let authentication = authentication(transport)
        for callback in [
            Fixture.callback(error: "access_denied"), Fixture.callback(issuer: "https://evil.example"),
            Fixture.callback(code: nil),
        ] {
            await #expect(throws: ToolAuthError.self) {
                try await authentication.retrieveAuthToken(
                    from: callback, pending: Fixture.pending(issuer: "https://auth.example.com"))
            }
        }
        #expect(transport.sent.isEmpty)
    }

    @Test("RFC 6749 §4.1.2: after a lost reply or a refused code, the code is not sent again")
    func onceOnly() async throws {
        let ends: [Result<HTTPReply, TransportFailure>] = [
            .failure(TransportFailure(.timeout, mayHaveBeenSent: true, detail: "30 s")), Fixture.success(500),
            Fixture.success(200, "<html>"), Fixture.success(400, #"{"error":"invalid_grant"}"#),
        ]
        for end in ends {
            let transport = StubTransport(end, tokens)
            await #expect(throws: ToolAuthError.self) {
                try await authentication(transport, postConfiguration).retrieveAuthToken(
                    from: Fixture.callback(), pending: Fixture.pending())
            }
            #expect(transport.sent.count == 1)
        }
    }

    @Test("a client that the provider rejects tries the next secret, with the code still whole")
    func nextSecret() async throws {
        let transport = StubTransport(invalidClient, tokens)
        let grant = try await authentication(transport, postConfiguration).retrieveAuthToken(
            from: Fixture.callback(), pending: Fixture.pending())
        #expect(grant.accessToken == Secret("new-access"))
        #expect(transport.sent.map { $0.parameter("client_secret") } == ["one-secret", "two-secret"])
    }

    @Test("with no secret left, the refusal is the provider's")
    func noSecretLeft() async throws {
        let transport = StubTransport(invalidClient, invalidClient)
        let error = await #expect(throws: ToolAuthError.self) {
            try await authentication(transport, postConfiguration).retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending())
        }
        #expect(error?.code == .providerError)
        #expect(error?.reason == "client_rejected")
        #expect(transport.sent.count == 2)
    }

    @Test("what the callback brought besides is kept where the document asks, and the reply goes before it")
    func callbackMetadata() async throws {
        var configuration = Fixture.configuration()
        configuration.authorization.callbackMetadata = ["realmId", "team", "absent"]
        configuration.token.response.metadata = ["team"]
        let transport = StubTransport(Fixture.success(200, #"{"access_token":"a","team":"reply"}"#))
        let callback = Fixture.callback(parameters: ["realmId": "9", "team": "callback", "other": "x"])
        let grant = try await authentication(transport, configuration).retrieveAuthToken(
            from: callback, pending: Fixture.pending())
        #expect(grant.metadata == ["realmId": "9", "team": "reply"])
    }

    @Test("OpenID Connect Core §3.1.3.7: an ID token must have the nonce of its flow")
    func nonce() async throws {
        let now = Fixture.now.millisecondsSinceEpoch / 1000
        func connect(_ nonce: String, pending: String?) async throws -> TokenGrant {
            let jwt = Fixture.jwt(#"{"nonce":"\#(nonce)","aud":"client-1","iat":\#(now),"exp":\#(now)}"#)
            let transport = StubTransport(Fixture.success(200, #"{"access_token":"a","id_token":"\#(jwt)"}"#))
            return try await authentication(transport).retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending(nonce: pending))
        }
        _ = try await connect("n-1", pending: "n-1")
        let error = await #expect(throws: ToolAuthError.self) { try await connect("n-2", pending: "n-1") }
        #expect(error?.code == .invalidCallback)
        _ = try await connect("anything", pending: nil)
    }

    @Test("a configuration that makes no request says so, and nothing is sent")
    func impossible() async throws {
        let configuration = Fixture.configuration(token: TokenEndpoint(url: "https://auth.example.com/token#x"))
        let transport = StubTransport(tokens)
        let error = await #expect(throws: ToolAuthError.self) {
            try await authentication(transport, configuration).retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending())
        }
        #expect(error?.code == .toolUnavailable)
        #expect(transport.sent.isEmpty)
    }
}

@Suite("OAuth2Authentication: refreshing")
struct RefreshingTests {
    @Test("a refresh sends the stored token once and gives the new ones")
    func refreshed() async {
        let transport = StubTransport(tokens)
        guard case .refreshed(let grant) = await authentication(transport).tryRefreshToken(Fixture.toolAuth()) else {
            Issue.record("not refreshed")
            return
        }
        #expect(grant.refreshToken == Secret("new-refresh"))
        #expect(transport.sent.map { $0.parameter("refresh_token") } == ["stored-refresh-token"])
        #expect(transport.sent.map(\.url) == ["https://auth.example.com/token"])
    }

    @Test("RFC 7636: no code_verifier goes along; RFC 6750 §2: no access token either")
    func nothingElse() async throws {
        let transport = StubTransport(tokens)
        _ = await authentication(transport).tryRefreshToken(Fixture.toolAuth())
        let request = try #require(transport.sent.first)
        #expect(request.parameter("code_verifier") == nil)
        let all = request.url + request.headers.map { $0.value.reveal() }.joined() + (request.body?.reveal() ?? "")
        #expect(!all.contains("stored-access-token"))
    }

    @Test("without a refresh token, or where the provider has no refresh, nothing is sent")
    func unrefreshable() async {
        let transport = StubTransport(tokens)
        var configuration = Fixture.configuration()
        #expect(
            await authentication(transport).tryRefreshToken(Fixture.toolAuth(refreshToken: nil)).name == "unrefreshable"
        )
        #expect(
            await authentication(transport).tryRefreshToken(Fixture.toolAuth(refreshToken: "")).name == "unrefreshable")
        configuration.refreshPolicy.method = .none
        #expect(
            await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth()).name == "unrefreshable")
        #expect(transport.sent.isEmpty)
    }

    @Test("only a rejected client moves to the next secret")
    func nextSecret() async {
        let transport = StubTransport(invalidClient, tokens)
        let end = await authentication(transport, postConfiguration).tryRefreshToken(Fixture.toolAuth())
        #expect(end.name == "refreshed")
        #expect(transport.sent.map { $0.parameter("client_secret") } == ["one-secret", "two-secret"])
    }

    @Test("every other end is final, so that a token that may be used up is not sent again")
    func final() async {
        let ends: [(Result<HTTPReply, TransportFailure>, String)] = [
            (.failure(TransportFailure(.interrupted, mayHaveBeenSent: true, detail: "reset")), "ambiguous"),
            (.failure(TransportFailure(.connect, mayHaveBeenSent: false, detail: "refused")), "transient"),
            (Fixture.success(503), "transient"), (Fixture.success(500, #"{"error":"invalid_client"}"#), "transient"),
            (Fixture.success(200, "{}"), "malformed"),
            (Fixture.success(400, #"{"error":"invalid_grant"}"#), "grant_rejected"),
            (Fixture.success(400, #"{"error":"invalid_scope"}"#), "request_rejected"),
        ]
        for (end, name) in ends {
            let transport = StubTransport(end, tokens)
            #expect(await authentication(transport, postConfiguration).tryRefreshToken(Fixture.toolAuth()).name == name)
            #expect(transport.sent.count == 1, "\(name)")
        }
    }

    @Test("with no secret left, the client is rejected")
    func noSecretLeft() async {
        let transport = StubTransport(invalidClient, invalidClient, tokens)
        let end = await authentication(transport, postConfiguration).tryRefreshToken(Fixture.toolAuth())
        #expect(end.name == "client_rejected")
        #expect(transport.sent.count == 2)
    }

    @Test(
        "a single-use token without a replay window wants a fresh connection",
        arguments: [
            (RefreshPolicy.Rotation.singleUse, 0, true), (.singleUse, 30, false), (.rotating, 0, false),
            (.none, 0, false),
        ])
    func freshConnection(rotation: RefreshPolicy.Rotation, window: Int, isFresh: Bool) async {
        var configuration = Fixture.configuration()
        configuration.refreshPolicy.rotation = rotation
        configuration.refreshPolicy.replayWindow = .seconds(window)
        let transport = StubTransport(tokens)
        _ = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth())
        #expect(transport.sent.map(\.needsFreshConnection) == [isFresh])
    }

    @Test(
        "where nothing can be lost and the lead is short, the time-out is a third of it, and 5 s at least",
        arguments: [(60, RefreshPolicy.Rotation.none, 20), (9, .none, 5), (900, .none, 30), (60, .singleUse, 30)])
    func timeout(lead: Int, rotation: RefreshPolicy.Rotation, seconds: Int) async {
        var configuration = Fixture.configuration()
        configuration.refreshPolicy.rotation = rotation
        var record = Fixture.record()
        record.refreshAt = record.expiresAt.map { $0 - .seconds(lead) }
        let transport = StubTransport(tokens)
        _ = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(transport.sent.map(\.timeout) == [.seconds(seconds)])
    }

    @Test("tokens of another client or another origin are posted nowhere")
    func binding() async {
        let transport = StubTransport(tokens)
        var otherClient = Fixture.record()
        otherClient.clientID = "client-2"
        var otherOrigin = Fixture.record()
        otherOrigin.tokenOrigin = "https://other.example:443"
        for (record, code) in [(otherClient, "configuration_changed"), (otherOrigin, "endpoint_changed")] {
            let end = await authentication(transport).tryRefreshToken(Fixture.toolAuth(record: record))
            #expect(end.name == "request_rejected")
            #expect(end.failure?.code == code)
        }
        #expect(transport.sent.isEmpty)
    }

    @Test("metadata that a refresh does not repeat is kept, and what it repeats is renewed")
    func metadata() async {
        var configuration = Fixture.configuration()
        configuration.refresh.response.metadata = ["team"]
        var record = Fixture.record()
        record.metadata = ["team": "old", "realmId": "9"]
        let transport = StubTransport(Fixture.success(200, #"{"access_token":"a","team":"new"}"#))
        guard
            case .refreshed(let grant) = await authentication(transport, configuration).tryRefreshToken(
                Fixture.toolAuth(record: record))
        else {
            Issue.record("not refreshed")
            return
        }
        #expect(grant.metadata == ["team": "new", "realmId": "9"])
    }

    @Test("a template without a value rejects the request, and nothing is sent")
    func impossible() async {
        var configuration = Fixture.configuration()
        configuration.refresh.parameters = ["team": "${metadata.team}"]
        let transport = StubTransport(tokens)
        let end = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth())
        #expect(end.name == "request_rejected")
        #expect(end.failure?.code == "invalid_configuration")
        #expect(transport.sent.isEmpty)
    }

    @Test("the refresh endpoint's own URL, form and reply are used")
    func ownEndpoint() async {
        var refresh = TokenEndpoint(url: "https://auth.example.com/refresh", clientAuthentication: .nothing)
        refresh.response.accessToken = "token"
        let transport = StubTransport(Fixture.success(200, #"{"token":"a"}"#))
        let end = await authentication(transport, Fixture.configuration(refresh: refresh)).tryRefreshToken(
            Fixture.toolAuth())
        #expect(end.name == "refreshed")
        #expect(transport.sent.map(\.url) == ["https://auth.example.com/refresh"])
    }

    @Test("a public client sends its id and no secret")
    func publicClient() async {
        let transport = StubTransport(tokens)
        _ = await authentication(transport, Fixture.configuration(secrets: [])).tryRefreshToken(Fixture.toolAuth())
        #expect(transport.sent.map { $0.parameter("client_id") } == ["client-1"])
        #expect(transport.sent.first?.header("Authorization") == nil)
    }

    @Test("the daemon's own name for a token origin is what records are bound to")
    func origin() {
        #expect(Fixture.configuration().tokenOrigin == "https://auth.example.com:443")
        #expect(Fixture.configuration(token: TokenEndpoint(url: "nonsense")).tokenOrigin == nil)
    }
}
