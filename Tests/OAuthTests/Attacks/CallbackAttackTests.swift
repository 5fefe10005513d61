import OAuth
import Testing
import ToolAuthCore

@Suite("A callback that wants the code and the client's secret for another host")
struct CallbackAttackTests {
    private func exchange(_ server: String, _ transport: RoutingTransport) async throws -> TokenGrant {
        try await authentication(transport, Zoho.configuration).retrieveAuthToken(
            from: Fixture.callback(parameters: ["accounts-server": server]), pending: Fixture.pending())
    }

    @Test("gets nothing sent, and is told why", arguments: Hostile.hosts)
    func refused(server: String) async {
        let transport = Zoho.transport()
        let error = await failure { try await exchange(server, transport) }
        #expect(transport.urls == [])
        #expect(error?.code == .toolUnavailable)
        #expect(error?.detail.contains("none of the hosts allowed for 'accounts-server'") == true)
    }

    @Test(
        "and one that is the provider's own goes to the data centre it names",
        arguments: [
            ("accounts.zoho.eu", "https://accounts.zoho.eu:443"), ("ACCOUNTS.ZOHO.COM", Zoho.home),
            ("https://accounts.zoho.eu", "https://accounts.zoho.eu:443"), ("", Zoho.home),
        ])
    func allowed(server: String, origin: String) async throws {
        let transport = Zoho.transport()
        let grant = try await exchange(server, transport)
        #expect(transport.origins == [origin])
        #expect(grant.tokenOrigin == origin)
        #expect(grant.metadata["accounts-server"] == (server.isEmpty ? nil : server))
    }

    @Test("cannot name what the document does not keep")
    func other() async throws {
        let transport = Zoho.transport()
        var configuration = Zoho.configuration
        configuration.authorization.callbackMetadata = []
        let callback = Fixture.callback(parameters: ["accounts-server": "evil.example", "redirect_uri": "x"])
        let grant = try await authentication(transport, configuration).retrieveAuthToken(
            from: callback, pending: Fixture.pending())
        #expect(transport.origins == [Zoho.home])
        #expect(grant.metadata == [:])
    }
}
