import OAuth
import Testing
import ToolAuthCore

private let exchangeURL = "https://auth.example.com/token"
private let upgradeURL = "https://graph.example.com/long"

/// A provider whose codes buy a token for an hour, and that token one for two months.
private let configuration: OAuth2Configuration = {
    var token = TokenEndpoint(url: "https://auth.example.com/token", clientAuthentication: .clientSecretPost)
    token.response.metadata = ["user_id", "team"]
    var upgrade = token
    upgrade.url = "https://graph.example.com/long"
    upgrade.grantType = "exchange_token"
    upgrade.rename = ["access_token": "short_token"]
    upgrade.parameters = ["user": "${metadata.user_id}"]
    var configuration = Fixture.configuration(token: token, refresh: upgrade, secrets: ["one-secret", "two-secret"])
    configuration.upgrade = upgrade
    configuration.refreshPolicy.method = .exchangeAccessToken
    return configuration
}()

private let short = Fixture.success(
    200, #"{"access_token":"short","refresh_token":"r","expires_in":3600,"scope":"a b","user_id":7,"team":"t1"}"#)
private let long = Fixture.success(200, #"{"access_token":"long","expires_in":5184000,"team":"t2"}"#)

private func exchange(_ replies: [String: RoutingTransport.Reply], _ configuration: OAuth2Configuration = configuration)
    async throws -> (grant: TokenGrant, sent: [HTTPRequest])
{
    let transport = RoutingTransport(replies)
    let grant = try await authentication(transport, configuration).retrieveAuthToken(
        from: Fixture.callback(), pending: Fixture.pending())
    return (grant, transport.sent)
}

@Suite("A token that is exchanged at once for one that lives longer")
struct UpgradeTests {
    @Test("is sent with the client and what the exchange brought, and never with the code")
    func request() async throws {
        let sent = try await exchange([exchangeURL: short, upgradeURL: long]).sent
        #expect(sent.map(\.url) == [exchangeURL, upgradeURL])
        #expect(
            sent.last?.form.map { "\($0.name)=\($0.value)" } == [
                "grant_type=exchange_token", "short_token=short", "client_id=client-1", "client_secret=one-secret",
                "user=7",
            ])
    }

    @Test("gives way to it; scope, metadata and refresh token that only the exchange brought go on")
    func merged() async throws {
        let grant = try await exchange([exchangeURL: short, upgradeURL: long]).grant
        #expect(grant.accessToken == Secret("long"))
        #expect(grant.expiresAt == Fixture.now + .seconds(5_184_000))
        #expect(grant.refreshToken == Secret("r"))
        #expect(grant.scope == "a b")
        #expect(grant.metadata == ["user_id": "7", "team": "t2"])
        // Tokens go back to where the last of them came from.
        #expect(grant.tokenOrigin == "https://graph.example.com:443")
        #expect(configuration.tokenOrigin == "https://graph.example.com:443")
    }

    @Test("gives way in all that the longer one's reply has")
    func replaced() async throws {
        let reply = Fixture.success(200, #"{"access_token":"long","refresh_token":"r2","scope":"a"}"#)
        let grant = try await exchange([exchangeURL: short, upgradeURL: reply]).grant
        #expect(grant.refreshToken == Secret("r2"))
        #expect(grant.scope == "a")
    }

    @Test(
        "leaves the end of a refresh token that goes on as it was, unless it says another",
        arguments: [
            (#"{"access_token":"long"}"#, 86_400), (#"{"access_token":"long","refresh_token_expires_in":60}"#, 60),
            (#"{"access_token":"long","refresh_token":"r2"}"#, nil),
            (#"{"access_token":"long","refresh_token":"r2","refresh_token_expires_in":60}"#, 60),
        ] as [(String, Int?)])
    func refreshTokenEnd(reply: String, seconds: Int?) async throws {
        let first = Fixture.success(
            200, #"{"access_token":"short","refresh_token":"r","refresh_token_expires_in":86400,"user_id":7}"#)
        let grant = try await exchange([exchangeURL: first, upgradeURL: Fixture.success(200, reply)]).grant
        #expect(grant.refreshTokenExpiresAt == seconds.map { Fixture.now + .seconds($0) })
    }

    @Test(
        "is taken to end within the hour where its reply does not say, and the exchange brought what renews it",
        arguments: [(#""refresh_token":"r","#, true), ("", false)])
    func assumedEnd(refreshToken: String, ends: Bool) async throws {
        let first = Fixture.success(200, "{\(refreshToken)\"access_token\":\"short\",\"user_id\":7}")
        let grant = try await exchange([
            exchangeURL: first, upgradeURL: Fixture.success(200, #"{"access_token":"long"}"#),
        ])
        .grant
        #expect(grant.expiresAt == (ends ? Fixture.now + .seconds(3600) : nil))
    }

    @Test("has no grant_type where the document gives none")
    func noGrantType() async throws {
        var plain = configuration
        plain.upgrade?.grantType = nil
        let sent = try await exchange([exchangeURL: short, upgradeURL: long], plain).sent
        #expect(sent.last?.parameter("grant_type") == nil)
    }

    @Test(
        "that cannot be exchanged ends the flow with why, and is itself not kept",
        arguments: [
            (Fixture.success(400, #"{"error":"invalid_request","error_description":"No."}"#), "provider-error"),
            (Fixture.success(500), "provider-unreachable"), (Fixture.success(200, "{}"), "provider-unreachable"),
            (
                .failure(TransportFailure(.timeout, mayHaveBeenSent: true, detail: "30 s")), "provider-unreachable"
            ),
        ] as [(RoutingTransport.Reply, String)])
    func failures(reply: RoutingTransport.Reply, code: String) async {
        let transport = RoutingTransport([exchangeURL: short, upgradeURL: reply])
        let error = await failure {
            try await authentication(transport, configuration).retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending())
        }
        #expect(error?.code.name == code)
        #expect(transport.urls == [exchangeURL, upgradeURL])
        #expect(error?.detail.contains("short") == false)
    }

    @Test("is not asked for where the exchange failed")
    func exchangeFailed() async {
        let transport = RoutingTransport([exchangeURL: Fixture.success(400, #"{"error":"invalid_grant"}"#)])
        _ = await failure {
            try await authentication(transport, configuration).retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending())
        }
        #expect(transport.urls == [exchangeURL])
    }

    @Test("moves to the next secret without redeeming the code again")
    func nextSecret() async throws {
        let transport = StubTransport(short, Fixture.success(401, #"{"error":"invalid_client"}"#), long)
        let grant = try await authentication(transport, configuration).retrieveAuthToken(
            from: Fixture.callback(), pending: Fixture.pending())
        #expect(grant.accessToken == Secret("long"))
        #expect(transport.sent.map(\.url) == [exchangeURL, upgradeURL, upgradeURL])
        #expect(transport.sent.last?.parameter("client_secret") == "two-secret")
    }

    @Test("is refreshed where it was exchanged, by the long one")
    func refreshed() async {
        let transport = RoutingTransport([upgradeURL: long])
        var record = Fixture.record()
        record.tokenOrigin = "https://graph.example.com:443"
        record.metadata = ["user_id": "7"]
        let end = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(end.name == "refreshed")
        #expect(transport.sent.last?.parameter("short_token") == "stored-access-token")
        record.tokenOrigin = "https://auth.example.com:443"
        let foreign = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(foreign.failure?.code == "endpoint_changed")
    }
}
