import OAuth
import Testing
import ToolAuthCore

@Suite("How a provider likes revocations")
struct RevocationHabitTests {
    private func revoke(_ endpoint: RevocationEndpoint, _ replies: Result<HTTPReply, TransportFailure>...) async throws
        -> [HTTPRequest]
    {
        var configuration = Fixture.configuration()
        configuration.revocation = endpoint
        let transport = RoutingTransport(["https://auth.example.com/revoke": replies.first ?? Fixture.success()])
        try await authentication(transport, configuration).revoke(Fixture.toolAuth())
        return transport.sent
    }

    @Test("the token the document names goes first, each with its hint")
    func order() async throws {
        let access = try await revoke(
            RevocationEndpoint(url: "https://auth.example.com/revoke", first: .accessToken))
        #expect(access.map { $0.parameter("token_type_hint") } == ["access_token", "refresh_token"])
        #expect(access.map { $0.parameter("token") } == ["stored-access-token", "stored-refresh-token"])
        let refresh = try await revoke(RevocationEndpoint(url: "https://auth.example.com/revoke"))
        #expect(refresh.map { $0.parameter("token_type_hint") } == ["refresh_token", "access_token"])
    }

    @Test("where one ends the whole grant, there is no second, and it is the one that goes first")
    func grant() async throws {
        let sent = try await revoke(
            RevocationEndpoint(url: "https://auth.example.com/revoke", scope: .grant, first: .accessToken))
        #expect(sent.map { $0.parameter("token") } == ["stored-access-token"])
    }

    @Test("the body is JSON where the document says so")
    func json() async throws {
        let sent = try await revoke(
            RevocationEndpoint(
                url: "https://auth.example.com/revoke", scope: .grant, body: .json,
                clientAuthentication: .clientSecretPost))
        #expect(sent.first?.header("Content-Type") == "application/json")
        #expect(
            sent.first?.body?.reveal()
                == #"{"token":"stored-refresh-token","token_type_hint":"refresh_token","client_id":"client-1","client_secret":"client-secret-one"}"#
        )
    }

    @Test("the client proves itself as the document says, else as at the token endpoint")
    func clientAuthentication() async throws {
        let plain = try await revoke(RevocationEndpoint(url: "https://auth.example.com/revoke"))
        #expect(plain.first?.header("Authorization") != nil)
        let none = try await revoke(
            RevocationEndpoint(url: "https://auth.example.com/revoke", clientAuthentication: .nothing))
        #expect(none.first?.header("Authorization") == nil)
        #expect(none.first?.parameter("client_id") == "client-1")
    }
}
