import OAuth
import Testing
import ToolAuthCore

@Suite("A record whose metadata wants its tokens for another host")
struct RecordAttackTests {
    private func refresh(_ record: ToolAuthRecord, _ transport: RoutingTransport) async -> RefreshOutcome {
        await authentication(transport, Zoho.configuration).tryRefreshToken(Fixture.toolAuth(record: record))
    }

    @Test("has no refresh token sent, whatever origin it claims", arguments: Hostile.hosts)
    func refused(server: String) async {
        for origin in [Zoho.home, "https://evil.example:443"] {
            let transport = Zoho.transport()
            let end = await refresh(Zoho.record(["accounts-server": server], origin: origin), transport)
            #expect(transport.urls == [])
            #expect(end.name == "request_rejected")
            #expect(end.failure?.code == "invalid_configuration")
            #expect(end.failure?.detail.contains("none of the hosts allowed for 'accounts-server'") == true)
        }
    }

    @Test("has none sent to another data centre than its tokens came from")
    func elsewhere() async {
        let transport = Zoho.transport()
        let end = await refresh(Zoho.record(["accounts-server": "accounts.zoho.eu"]), transport)
        #expect(transport.urls == [])
        #expect(end.failure?.code == "endpoint_changed")
    }

    @Test("with an empty value is no other than one without")
    func empty() async {
        let transport = Zoho.transport()
        #expect(await refresh(Zoho.record([:]), transport).name == "refreshed")
        #expect(await refresh(Zoho.record(["accounts-server": ""]), transport).name == "request_rejected")
        #expect(transport.origins == [Zoho.home])
    }

    @Test("has no token revoked elsewhere either", arguments: Hostile.hosts)
    func revoked(server: String) async {
        let transport = Zoho.transport()
        let toolAuth = Fixture.toolAuth(record: Zoho.record(["accounts-server": server]))
        await #expect(throws: AttemptFailure.self) {
            try await authentication(transport, Zoho.configuration).revoke(toolAuth)
        }
        #expect(transport.urls == [])
    }

    @Test("has a connection value held against its rules again", arguments: Hostile.hosts)
    func connection(value: String) async {
        var configuration = Fixture.configuration(
            token: TokenEndpoint(url: "https://${connection.shop}.shops.example/token"))
        configuration.connectionParameters = [ConnectionParameter(name: "shop", pattern: "[a-z]+")]
        let transport = RoutingTransport()
        let record = Zoho.record(["connection.shop": value], origin: "https://acme.shops.example:443")
        let end = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(end.name == "request_rejected")
        #expect(transport.urls == [])
    }

    @Test("names what decides routes, so that it cannot be imported")
    func routing() {
        #expect(Zoho.configuration.routingMetadata == ["accounts-server"])
        #expect(Fixture.configuration().routingMetadata == [])
        var upgraded = Fixture.configuration()
        upgraded.upgrade = TokenEndpoint(url: "https://a.example/${metadata.team.id}")
        upgraded.refresh.url = EndpointAddress(["https://a.example/${metadata.a}", "https://a.example/${scope}"])
        #expect(upgraded.routingMetadata == ["team.id", "a"])
    }
}

@Suite("A reply whose values want later tokens for another host")
struct ReplyAttackTests {
    /// The exchange names the server of upgrade and refreshes.
    private static let configuration: OAuth2Configuration = {
        var token = TokenEndpoint(url: "https://accounts.zoho.com/token", clientAuthentication: .clientSecretPost)
        token.response.metadata = ["accounts-server"]
        var later = token
        later.url = "https://${metadata.accounts-server}/later"
        var configuration = Fixture.configuration(token: token, refresh: later)
        configuration.connectionParameters = Zoho.configuration.connectionParameters
        return configuration
    }()

    private func transport(naming server: String) -> RoutingTransport {
        var body = "{\"access_token\":\"new-access\",\"refresh_token\":\"new-refresh\",\"accounts-server\":"
        body += JSONWriter.object([("x", Secret(server))]).reveal().dropFirst("{\"x\":".count)
        return RoutingTransport([
            "https://accounts.zoho.com/token": Fixture.success(200, body),
            "https://accounts.zoho.com/later": Zoho.tokens,
        ])
    }

    private func exchange(_ configuration: OAuth2Configuration, _ transport: RoutingTransport) async throws
        -> TokenGrant
    {
        try await authentication(transport, configuration).retrieveAuthToken(
            from: Fixture.callback(), pending: Fixture.pending())
    }

    @Test("get no refresh token", arguments: Hostile.hosts)
    func refreshing(server: String) async throws {
        let transport = transport(naming: server)
        let grant = try await exchange(Self.configuration, transport)
        #expect(grant.metadata == ["accounts-server": server])
        let record = Zoho.record(grant.metadata, origin: try #require(grant.tokenOrigin))
        let end = await authentication(transport, Self.configuration).tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(end.failure?.detail.contains("none of the hosts allowed") == true)
        #expect(transport.urls == ["https://accounts.zoho.com/token"])
    }

    @Test("get no access token to upgrade", arguments: Hostile.hosts)
    func upgrading(server: String) async throws {
        var configuration = Self.configuration
        configuration.upgrade = TokenEndpoint(url: "https://${metadata.accounts-server}/later")
        let transport = transport(naming: server)
        let error = await failure { try await exchange(configuration, transport) }
        #expect(error?.code == .toolUnavailable)
        #expect(error?.detail.contains("none of the hosts allowed") == true)
        #expect(transport.urls == ["https://accounts.zoho.com/token"])
    }

    @Test("that are the provider's own are followed")
    func allowed() async throws {
        var configuration = Self.configuration
        configuration.upgrade = TokenEndpoint(url: "https://${metadata.accounts-server}/later")
        let transport = transport(naming: "ACCOUNTS.ZOHO.COM")
        _ = try await exchange(configuration, transport)
        #expect(transport.urls == ["https://accounts.zoho.com/token", "https://accounts.zoho.com/later"])
    }

    @Test("do not follow a redirect, which could lead anywhere")
    func redirect() async {
        let transport = RoutingTransport([
            "https://accounts.zoho.com/oauth/v2/token": Fixture.success(
                307, "", [("Location", "https://evil.example/token")])
        ])
        let end = await authentication(transport, Zoho.configuration).tryRefreshToken(
            Fixture.toolAuth(record: Zoho.record([:])))
        #expect(end.name == "request_rejected")
        #expect(transport.origins == [Zoho.home])
    }
}
