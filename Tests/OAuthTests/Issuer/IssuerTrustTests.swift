import OAuth
import TestSupport
import Testing
import ToolAuthCore

@Suite("An issuer that errs, moves or lies")
struct IssuerTrustTests {
    private func refresh(_ world: IssuerWorld, _ configuration: OAuth2Configuration = issuerConfiguration()) async
        -> RefreshOutcome
    {
        await world.authentication(configuration).tryRefreshToken(Fixture.toolAuth(record: world.record))
    }

    @Test("and names another token endpoint gets no refresh token there")
    func moved() async {
        let world = IssuerWorld()
        let authentication = world.authentication()
        let toolAuth = Fixture.toolAuth(record: world.record)
        #expect(await authentication.tryRefreshToken(toolAuth).name == "refreshed")
        world.publish(token: "https://other.example.com/token")
        world.clock.advance(by: .seconds(3600))
        let end = await authentication.tryRefreshToken(toolAuth)
        #expect(end.name == "request_rejected")
        #expect(end.failure?.code == "endpoint_changed")
        #expect(!world.transport.origins.contains("https://other.example.com:443"))
    }

    @Test(
        "and names an endpoint without TLS, or of this machine or a private network, is sent nothing",
        arguments: [
            "http://id.example.com/token", "https://127.0.0.1/token", "http://127.0.0.1/token",
            "https://localhost/token", "https://10.0.0.1/token", "https://[::1]/token", "https://169.254.169.254/",
            "https://2130706433/", "https://user@id.example.com/token", "https://id.example.com/token#x",
            "ftp://id.example.com/token", "//id.example.com/token", "/token", "javascript:alert(1)",
            "https://id.example.com/to ken", "https://${connection.x}/token",
        ])
    func unfitEndpoint(url: String) async {
        let world = IssuerWorld()
        world.publish(token: url)
        let end = await refresh(world)
        #expect(end.name == "request_rejected")
        #expect(end.failure?.code == "invalid_configuration")
        let error = await failure {
            try await world.authentication().retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending(issuer: issuerURL))
        }
        #expect(error?.code == .toolUnavailable)
        #expect(world.requests.isEmpty)
    }

    @Test("and names an authorization endpoint without TLS has no user sent there")
    func unfitAuthorization() async {
        let world = IssuerWorld()
        world.transport[metadataURL] = Fixture.success(
            200, #"{"issuer":"\#(issuerURL)","authorization_endpoint":"http://id.example.com/authorize"}"#)
        let error = await failure {
            try await world.authentication().getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        }
        #expect(error?.code == .toolUnavailable)
        #expect(error?.detail.hasSuffix("its authorization endpoint is not https") == true)
    }

    @Test("and is another, or says nothing of endpoints, is told as what it is")
    func useless() async {
        for (body, detail, name) in [
            (
                #"{"issuer":"https://evil.example","token_endpoint":"https://evil.example/token"}"#, "of the issuer",
                "request_rejected"
            ),
            // Such as what stands before a server that starts: it is asked again soon.
            ("<html>", "is no JSON object", "transient"),
            (#"{"issuer":"\#(issuerURL)"}"#, "is not in the issuer's metadata", "request_rejected"),
        ] {
            let world = IssuerWorld()
            world.transport[metadataURL] = Fixture.success(200, body)
            let end = await refresh(world)
            #expect(end.name == name)
            #expect(end.failure?.detail.contains(detail) == true, "\(String(describing: end.failure))")
            #expect(world.requests.isEmpty)
        }
    }

    @Test("and is not where it should be puts refreshes off, and is no trouble of the tool's", arguments: [403, 404])
    func absent(status: Int) async {
        let world = IssuerWorld()
        world.transport[metadataURL] = Fixture.success(status)
        guard case .transient(let failure, nil, atEndpoint: false) = await refresh(world) else {
            Issue.record("not transient")
            return
        }
        #expect(failure.code == "discovery")
        #expect(failure.detail.contains("status \(status)"), "\(failure.detail)")
        #expect(world.requests.isEmpty)
    }

    @Test("and cannot be reached puts refreshes off, for all its grants alike")
    func unreachable() async {
        let world = IssuerWorld()
        world.transport[metadataURL] = Fixture.success(503)
        guard case .transient(let failure, nil, let atEndpoint) = await refresh(world) else {
            Issue.record("not transient")
            return
        }
        #expect(failure.code == "discovery")
        #expect(atEndpoint)
        let begun = await OAuthTests.failure {
            try await world.authentication().getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        }
        #expect(begun?.code == .providerUnreachable)
        let exchanged = await OAuthTests.failure {
            try await world.authentication().retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending(issuer: issuerURL))
        }
        #expect(exchanged?.code == .providerUnreachable)
        #expect(exchanged?.detail.hasSuffix("start the authorization again") == true)
        #expect(world.requests.isEmpty)
    }

    @Test(
        "is asked again where its token endpoint is none any more",
        arguments: [(404, true), (405, true), (410, true), (308, true), (400, false), (403, false), (503, false)])
    func doubt(status: Int, isAskedAgain: Bool) async {
        let world = IssuerWorld()
        world.transport["https://id.example.com/token"] = Fixture.success(status, "<html>")
        world.transport["https://id.example.com/v2/token"] = Fixture.success(200, #"{"access_token":"a"}"#)
        let authentication = world.authentication()
        let toolAuth = Fixture.toolAuth(record: world.record)
        // Just read, it is not doubted.
        #expect(await authentication.tryRefreshToken(toolAuth).name != "refreshed")
        world.publish(token: "https://id.example.com/v2/token")
        world.clock.advance(by: .seconds(10))
        #expect(await authentication.tryRefreshToken(toolAuth).name != "refreshed")
        #expect(await authentication.tryRefreshToken(toolAuth).name == (isAskedAgain ? "refreshed" : "transient"))
        #expect(world.transport.urls.count { $0 == metadataURL } == (isAskedAgain ? 2 : 1))
    }

    @Test("is asked again where its token endpoint cannot be reached")
    func doubtAfterFailure() async {
        let world = IssuerWorld()
        world.transport["https://id.example.com/token"] = .failure(
            TransportFailure(.resolve, mayHaveBeenSent: false, detail: "no such host"))
        let authentication = world.authentication()
        _ = await authentication.tryRefreshToken(Fixture.toolAuth(record: world.record))
        world.clock.advance(by: .seconds(10))
        _ = await authentication.tryRefreshToken(Fixture.toolAuth(record: world.record))
        _ = await authentication.tryRefreshToken(Fixture.toolAuth(record: world.record))
        #expect(world.transport.urls.count { $0 == metadataURL } == 2)
    }
}
