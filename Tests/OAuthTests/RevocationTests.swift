import OAuth
import Testing
import ToolAuthCore

private func outcome(_ result: Result<HTTPReply, TransportFailure>) -> RevocationClassification.Outcome {
    RevocationClassification.outcome(
        of: result, Fixture.format { $0.grantRejected = ["token_revoked"] }, secrets: [Secret("the-token")],
        now: Fixture.now)
}

private func authentication(
    _ transport: StubTransport, scope: RevocationEndpoint.Scope = .token, secrets: [String] = ["client-secret-one"],
    method: TokenEndpoint.ClientAuthentication = .clientSecretBasic, url: String = "https://auth.example.com/revoke"
) -> OAuth2Authentication {
    var configuration = Fixture.configuration(secrets: secrets)
    configuration.revocation = RevocationEndpoint(
        url: EndpointAddress(literal: url), scope: scope, clientAuthentication: method)
    return OAuth2Authentication(
        configuration: configuration, transport: transport, clock: StoppedClock(), random: CountingRandom())
}

private func tokens(_ transport: StubTransport) -> [String] {
    transport.sent.compactMap { $0.parameter("token") }
}

@Suite("Revocation")
struct RevocationTests {
    @Test(
        "RFC 7009 §2.2: 200 is done, and so is a server's own word for a token it does not know",
        arguments: [
            (200, ""), (204, ""), (200, #"{"error":"x"}"#), (400, #"{"error":"invalid_token"}"#),
            (400, #"{"error":"invalid_grant"}"#), (400, #"{"error":"token_revoked"}"#),
        ])
    func done(status: Int, body: String) {
        #expect(outcome(Fixture.success(status, body)) == .done)
    }

    @Test(
        "RFC 7009 §2.2.1: 503 and everything else leaves the token valid",
        arguments: [
            (503, ""), (500, #"{"error":"invalid_token"}"#), (429, ""), (400, #"{"error":"invalid_request"}"#),
            (302, ""),
        ])
    func failed(status: Int, body: String) {
        guard case .failed(let failure) = outcome(Fixture.success(status, body)) else {
            Issue.record("not failed")
            return
        }
        #expect(failure.providerStatus == status)
    }

    @Test("RFC 7009 §2.2.1: Retry-After of a 503 is passed on")
    func retryAfter() async throws {
        let transport = StubTransport(Fixture.success(503, "", [("Retry-After", "90")]))
        let failure = await #expect(throws: AttemptFailure.self) {
            try await authentication(transport).revoke(Fixture.toolAuth())
        }
        #expect(failure?.retryAfter == .seconds(90))
        #expect(failure?.providerStatus == 503)
        #expect(transport.sent.count == 1)
    }

    @Test("RFC 7009 §2.1: the refresh token is revoked first, then the access token, each with its hint")
    func order() async throws {
        let transport = StubTransport(Fixture.success(), Fixture.success())
        try await authentication(transport).revoke(Fixture.toolAuth())
        #expect(tokens(transport) == ["stored-refresh-token", "stored-access-token"])
        #expect(transport.sent.map { $0.parameter("token_type_hint") } == ["refresh_token", "access_token"])
        for request in transport.sent {
            #expect(request.method == .post)
            #expect(request.url == "https://auth.example.com/revoke")
            #expect(request.header("Authorization")?.hasPrefix("Basic ") == true)
            #expect(request.parameter("client_secret") == nil)
        }
    }

    @Test("tokens that are not there are not revoked")
    func missing() async throws {
        let transport = StubTransport(Fixture.success())
        try await authentication(transport).revoke(Fixture.toolAuth(refreshToken: nil))
        #expect(tokens(transport) == ["stored-access-token"])
        let none = StubTransport()
        try await authentication(none).revoke(Fixture.toolAuth(accessToken: nil, refreshToken: ""))
        #expect(none.sent.isEmpty)
    }

    @Test("RFC 7009 §2.2.1: unsupported_token_type is tolerated, and the next token is tried")
    func unsupported() async throws {
        let unsupported = Fixture.success(400, #"{"error":"unsupported_token_type"}"#)
        let transport = StubTransport(unsupported, unsupported)
        try await authentication(transport).revoke(Fixture.toolAuth())
        #expect(transport.sent.count == 2)
    }

    @Test("where one token ends the grant, the other is not sent, unless the first could not be revoked")
    func grantScope() async throws {
        let transport = StubTransport(Fixture.success())
        try await authentication(transport, scope: .grant).revoke(Fixture.toolAuth())
        #expect(tokens(transport) == ["stored-refresh-token"])
        let second = StubTransport(Fixture.success(400, #"{"error":"unsupported_token_type"}"#), Fixture.success())
        try await authentication(second, scope: .grant).revoke(Fixture.toolAuth())
        #expect(tokens(second) == ["stored-refresh-token", "stored-access-token"])
    }

    @Test("a rejected client secret makes room for the next, and the last one's refusal is the failure")
    func secrets() async throws {
        let rejected = Fixture.success(401, #"{"error":"invalid_client"}"#)
        let transport = StubTransport(rejected, Fixture.success(), rejected, Fixture.success())
        let two = authentication(transport, secrets: ["one-secret", "two-secret"], method: .clientSecretPost)
        try await two.revoke(Fixture.toolAuth())
        #expect(
            transport.sent.map { $0.parameter("client_secret") } == [
                "one-secret", "two-secret", "one-secret", "two-secret",
            ])
        let failing = StubTransport(rejected)
        let failure = await #expect(throws: AttemptFailure.self) {
            try await authentication(failing).revoke(Fixture.toolAuth())
        }
        #expect(failure?.code == "invalid_client")
    }

    @Test("a server that cannot be reached is a failure, to be tried again")
    func unreachable() async throws {
        let transport = StubTransport(.failure(TransportFailure(.connect, mayHaveBeenSent: false, detail: "refused")))
        let failure = await #expect(throws: AttemptFailure.self) {
            try await authentication(transport).revoke(Fixture.toolAuth())
        }
        #expect(failure?.code == "connect")
    }

    @Test("an endpoint that is no URL is a failure, and nothing is sent")
    func badEndpoint() async throws {
        let transport = StubTransport(Fixture.success())
        let failure = await #expect(throws: AttemptFailure.self) {
            try await authentication(transport, url: "https://a.example/#x").revoke(Fixture.toolAuth())
        }
        #expect(failure?.code == "invalid_configuration")
        #expect(transport.sent.isEmpty)
    }

    @Test("without a revocation endpoint there is nothing to do")
    func none() async throws {
        let transport = StubTransport()
        let authentication = OAuth2Authentication(configuration: Fixture.configuration(), transport: transport)
        try await authentication.revoke(Fixture.toolAuth())
        #expect(transport.sent.isEmpty)
    }

    @Test("the token never comes back in a failure")
    func echoed() {
        let body = #"{"error":"invalid_request","error_description":"what is the-token?"}"#
        guard case .failed(let failure) = outcome(Fixture.success(400, body)) else {
            Issue.record("not failed")
            return
        }
        #expect(!failure.detail.contains("the-token"))
    }
}
