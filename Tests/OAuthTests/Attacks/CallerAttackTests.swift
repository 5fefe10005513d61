import OAuth
import Testing
import ToolAuthCore

/// Shops below a domain of the provider, chosen by callers; a server of one's own, the tool's to choose; and a region out
/// of a list.
private let configuration: OAuth2Configuration = {
    var server = ConnectionParameter(name: "server", pattern: ".*", defaultValue: "git.example.com")
    server.decidesHost = true
    let token = TokenEndpoint(
        url: "https://${connection.shop}.shops.example/token", clientAuthentication: .clientSecretPost)
    var configuration = Fixture.configuration(
        authorization: AuthorizationEndpoint(url: "https://${connection.shop}.shops.example/authorize"), token: token,
        refresh: token)
    configuration.connectionParameters = [
        ConnectionParameter(name: "shop", pattern: ".*"), server,
        ConnectionParameter(name: "region", hosts: ["eu.example.com"], defaultValue: "eu.example.com"),
    ]
    return configuration
}()

private let tokens = Fixture.success(200, #"{"access_token":"new-access"}"#)

@Suite("A caller that wants tokens and the client's secret for another host")
struct CallerAttackTests {
    private static let hosts = Hostile.hosts.filter {
        // Names of labels alone are shops: they stay below the provider's domain.
        ConnectionParameter(name: "x", pattern: "[A-Za-z0-9.-]+").problem(with: $0) != nil
    }

    @Test("is refused when the flow begins", arguments: hosts)
    func beginning(value: String) async throws {
        let transport = RoutingTransport()
        let options = AuthURLOptions(connection: ["shop": value])
        let error = await failure {
            try await authentication(transport, configuration).getAuthURL(for: Fixture.alice, options: options)
        }
        #expect(error != nil, "\(value)")
        #expect(transport.urls == [])
    }

    @Test("stays below the provider's domain, whatever name it gives")
    func below() async throws {
        let options = AuthURLOptions(connection: ["shop": "accounts.zoho.com.evil.example"])
        let pending = try await authentication(RoutingTransport(), configuration).getAuthURL(
            for: Fixture.alice, options: options)
        #expect(pending.authURL.hasPrefix("https://accounts.zoho.com.evil.example.shops.example/authorize?"))
    }

    @Test(
        "cannot give what decides the host, what the tool has fixed, or what is not listed",
        arguments: [
            (
                ["server": "evil.example"],
                "'server' decides which host is asked, so only the file of gmail may give it"
            ),
            (["region": "evil.example"], "'evil.example' is none of the hosts allowed for 'region': eu.example.com"),
            (["fixed": "x"], "'fixed' is fixed by the configuration of gmail"),
            (["unknown": "x"], "gmail takes no value 'unknown'"), ([:], "gmail needs a value for 'shop'"),
        ])
    func rules(given: [String: String], detail: String) async {
        var fixed = configuration
        fixed.connectionParameters.append(ConnectionParameter(name: "fixed"))
        fixed.connection = ["fixed": "value"]
        let options = AuthURLOptions(connection: given)
        let error = await failure {
            try await authentication(RoutingTransport(), fixed).getAuthURL(for: Fixture.alice, options: options)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == "connection")
        #expect(error?.detail == detail)
    }

    @Test("is refused at the exchange too, if it had slipped in when the flow began", arguments: hosts)
    func exchanging(value: String) async {
        let transport = RoutingTransport()
        let pending = Fixture.pending(connection: ["shop": value])
        let error = await failure {
            try await authentication(transport, configuration).retrieveAuthToken(
                from: Fixture.callback(), pending: pending)
        }
        #expect(error?.code == .toolUnavailable)
        #expect(transport.urls == [])
    }

    @Test("has no say in what decides the host, at the exchange and at refreshes neither")
    func ignored() async throws {
        var own = configuration
        own.token.url = "https://${connection.server}/token"
        own.refresh = own.token
        let transport = RoutingTransport(["https://git.example.com/token": tokens])
        let pending = Fixture.pending(connection: ["server": "evil.example", "shop": "acme"])
        let grant = try await authentication(transport, own).retrieveAuthToken(
            from: Fixture.callback(), pending: pending)
        var record = Fixture.record()
        record.metadata = ["connection.server": "evil.example"]
        record.tokenOrigin = "https://git.example.com:443"
        let end = await authentication(transport, own).tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(end.name == "refreshed")
        #expect(grant.tokenOrigin == "https://git.example.com:443")
        #expect(transport.origins == ["https://git.example.com:443"])
    }

    @Test(
        "is not sent to this machine or a private network by an address it gives",
        arguments: ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "2130706433", "0x7f.1"])
    func addresses(value: String) async {
        var open = configuration
        open.authorization.url = "https://${connection.shop}/authorize"
        open.token.url = "https://${connection.shop}/token"
        let transport = RoutingTransport()
        let pending = Fixture.pending(connection: ["shop": value])
        let error = await failure {
            try await authentication(transport, open).retrieveAuthToken(from: Fixture.callback(), pending: pending)
        }
        #expect(error?.code == .toolUnavailable)
        #expect(transport.urls == [])
        let options = AuthURLOptions(connection: ["shop": value])
        let refusal = await failure {
            try await authentication(transport, open).getAuthURL(for: Fixture.alice, options: options)
        }
        #expect(refusal != nil)
    }
}
