import OAuth
import Testing
import ToolAuthCore

/// An exchange that gives a token, then a refresh of what it brought.
///
/// - Parameter later: the configuration at the time of the refresh; nil: it is still the same.
private func exchangeAndRefresh(
    _ configuration: OAuth2Configuration, _ pending: PendingAuthorization, later: OAuth2Configuration? = nil
) async throws -> (grant: TokenGrant, refresh: HTTPRequest) {
    let transport = RoutingTransport([
        "https://auth.example.com/token": Fixture.success(200, #"{"access_token":"a","refresh_token":"r"}"#)
    ])
    let grant = try await authentication(transport, configuration).retrieveAuthToken(
        from: Fixture.callback(), pending: pending)
    var record = Fixture.record()
    record.metadata = grant.metadata
    _ = await authentication(transport, later ?? configuration).tryRefreshToken(Fixture.toolAuth(record: record))
    return (grant, try #require(transport.sent.last))
}

@Suite("A refresh that names the redirect URI")
struct KeptRedirectTests {
    private static let configuration: OAuth2Configuration = {
        var configuration = Fixture.configuration()
        configuration.refresh.parameters = ["redirect_uri": "${redirect_uri}"]
        return configuration
    }()

    @Test(
        "names that of the authorization, whatever order the tool has its own in by then",
        arguments: [Fixture.redirectURI, "http://127.0.0.1:8790/callback"])
    func kept(redirectURI: String) async throws {
        let pending = Fixture.pending(redirectURI: redirectURI)
        var reordered = Self.configuration
        reordered.redirectURIs.reverse()
        for later in [Self.configuration, reordered] {
            let (grant, refresh) = try await exchangeAndRefresh(Self.configuration, pending, later: later)
            #expect(grant.metadata == ["redirect_uri": redirectURI])
            #expect(refresh.parameter("redirect_uri") == redirectURI)
        }
    }

    @Test("names the tool's first one for a grant that was imported")
    func imported() async throws {
        let transport = RoutingTransport()
        _ = await authentication(transport, Self.configuration).tryRefreshToken(Fixture.toolAuth())
        #expect(transport.sent.first?.parameter("redirect_uri") == Fixture.redirectURI)
    }

    @Test("and one that does not keeps none")
    func notNamed() async throws {
        let (grant, refresh) = try await exchangeAndRefresh(
            Fixture.configuration(), Fixture.pending(redirectURI: "http://127.0.0.1:8790/callback"))
        #expect(grant.metadata == [:])
        #expect(refresh.parameter("redirect_uri") == nil)
    }
}

@Suite("Connection values of a grant")
struct KeptConnectionTests {
    private static let configuration: OAuth2Configuration = {
        var configuration = Fixture.configuration()
        configuration.connectionParameters = [
            ConnectionParameter(name: "org"), ConnectionParameter(name: "region", defaultValue: "eu"),
            ConnectionParameter(name: "plan", defaultValue: "free"),
        ]
        configuration.connection = ["plan": "paid"]
        configuration.refresh.parameters = [
            "org": "${connection.org}", "region": "${connection.region}", "plan": "${connection.plan}",
        ]
        return configuration
    }()

    @Test(
        "of its caller are kept and used at refreshes; else the default; the tool's own always wins",
        arguments: [
            (["org": "acme"], ["connection.org": "acme"], "eu"),
            (["org": "acme", "region": "us"], ["connection.org": "acme", "connection.region": "us"], "us"),
            (["org": "acme", "plan": "other"], ["connection.org": "acme"], "eu"),
        ])
    func kept(given: [String: String], metadata: [String: String], region: String) async throws {
        let (grant, refresh) = try await exchangeAndRefresh(Self.configuration, Fixture.pending(connection: given))
        #expect(grant.metadata == metadata)
        #expect(refresh.parameter("org") == "acme")
        #expect(refresh.parameter("region") == region)
        #expect(refresh.parameter("plan") == "paid")
    }

    @Test("that the tool gives by now go before those a caller gave")
    func fixedLater() async throws {
        let transport = RoutingTransport()
        var configuration = Self.configuration
        configuration.connection["org"] = "fixed"
        var record = Fixture.record()
        record.metadata = ["connection.org": "acme", "connection.plan": "forged", "connection.unknown": "x"]
        _ = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(transport.sent.first?.parameter("org") == "fixed")
        #expect(transport.sent.first?.parameter("plan") == "paid")
    }

    @Test("without which there is no request are missed by name")
    func missing() async {
        let transport = RoutingTransport()
        let end = await authentication(transport, Self.configuration).tryRefreshToken(Fixture.toolAuth())
        #expect(
            end.failure?.detail == "the parameter 'org' needs ${connection.org}, which has no value here")
        #expect(transport.urls == [])
    }

    @Test(
        "are needed at the beginning where any request of the grant's life takes them, and no endpoint of a list goes without"
    )
    func needed() async throws {
        func error(_ change: (inout OAuth2Configuration) -> Void) async -> ToolAuthError? {
            var configuration = Fixture.configuration()
            configuration.connectionParameters = [ConnectionParameter(name: "org", description: "the account")]
            change(&configuration)
            let tool = configuration
            return await failure {
                try await authentication(RoutingTransport(), tool).getAuthURL(
                    for: Fixture.alice, options: AuthURLOptions())
            }
        }
        let changes: [(inout OAuth2Configuration) -> Void] = [
            { $0.authorization.url = "https://auth.example.com/${connection.org}" },
            { $0.authorization.parameters = ["org": "${connection.org}"] },
            { $0.token.url = "https://auth.example.com/${connection.org}" },
            { $0.token.parameters = ["org": "${connection.org}"] },
            { $0.issuer = "https://auth.example.com/${connection.org}" },
            { $0.upgrade = TokenEndpoint(url: "https://auth.example.com/${connection.org}") },
            {
                $0.upgrade = TokenEndpoint(
                    url: "https://auth.example.com/long", parameters: ["org": "${connection.org}"])
            },
            { $0.refresh.url = "https://auth.example.com/${connection.org}" },
            { $0.refresh.parameters = ["org": "${connection.org}"] },
            { $0.revocation = RevocationEndpoint(url: "https://auth.example.com/${connection.org}") },
        ]
        for change in changes {
            #expect(await error(change)?.detail == "gmail needs a value for 'org' (the account)")
        }
        let unrefreshed = await error {
            $0.refresh.parameters = ["org": "${connection.org}"]
            $0.refreshPolicy.method = .none
        }
        #expect(unrefreshed == nil)
        let without = await error {
            $0.authorization.url = EndpointAddress([
                "https://auth.example.com/${connection.org}", "https://auth.example.com/authorize",
            ])
        }
        #expect(without == nil)
    }
}
