import OAuth
import Testing
import ToolAuthCore

@Suite("Revoking at an issuer")
struct IssuerRevocationTests {
    private static let endpoint = #","revocation_endpoint":"https://id.example.com/revoke""#

    private func revoke(_ world: IssuerWorld, _ configuration: OAuth2Configuration = issuerConfiguration()) async throws
    {
        try await world.authentication(configuration).revoke(Fixture.toolAuth(record: world.record))
    }

    @Test("goes where its metadata says, the refresh token first")
    func revoked() async throws {
        let world = IssuerWorld(Self.endpoint)
        try await revoke(world)
        #expect(world.requests.map(\.url) == ["https://id.example.com/revoke", "https://id.example.com/revoke"])
        #expect(world.requests.map { $0.parameter("token") } == ["stored-refresh-token", "stored-access-token"])
    }

    @Test("sends nothing to another server than the tokens came from, nor for another client")
    func foreign() async throws {
        let world = IssuerWorld(Self.endpoint)
        var elsewhere = world.record
        elsewhere.tokenOrigin = "https://former.example.com:443"
        var stranger = world.record
        stranger.clientID = "former-client"
        for record in [elsewhere, stranger] {
            let failure = await #expect(throws: AttemptFailure.self) {
                try await world.authentication().revoke(Fixture.toolAuth(record: record))
            }
            #expect(failure?.code == "tool_unavailable")
        }
        #expect(world.requests.isEmpty)
    }

    @Test("that offers none is done without a request")
    func none() async throws {
        let world = IssuerWorld()
        try await revoke(world)
        #expect(world.requests.isEmpty)
    }

    @Test("goes to the document's endpoint where that names one")
    func explicit() async throws {
        let world = IssuerWorld(Self.endpoint)
        world.transport["https://own.example.com/revoke"] = Fixture.success()
        var configuration = issuerConfiguration()
        configuration.revocation?.url = "https://own.example.com/revoke"
        try await revoke(world, configuration)
        #expect(Set(world.requests.map(\.url)) == ["https://own.example.com/revoke"])
    }

    @Test("is asked of it also where the document names all other endpoints")
    func onlyRevocation() async throws {
        var explicit = Fixture.configuration()
        explicit.issuer = EndpointTemplate(Template(literal: issuerURL))
        explicit.revocation = RevocationEndpoint(url: .discovered, scope: .grant)
        let world = IssuerWorld(Self.endpoint)
        try await world.authentication(explicit).revoke(Fixture.toolAuth())
        #expect(world.requests.map(\.url) == ["https://id.example.com/revoke"])
        // Nothing else is: a refresh does without the issuer.
        _ = await world.authentication(explicit).tryRefreshToken(Fixture.toolAuth())
        #expect(world.transport.urls.count { $0 == metadataURL } == 1)
    }

    @Test("proves its client as is offered for revocation, else as for tokens")
    func authentication() async throws {
        let methods = #","token_endpoint_auth_methods_supported":["client_secret_post"]"#
        let own = #","revocation_endpoint_auth_methods_supported":["client_secret_basic"]"#
        for (members, isBasic) in [("", true), (methods, false), (methods + own, true)] {
            let world = IssuerWorld(Self.endpoint + members)
            try await revoke(world)
            #expect(world.requests.allSatisfy { ($0.header("Authorization") != nil) == isBasic })
        }
    }

    @Test("that cannot be reached, or names no fit endpoint, fails, to be tried again")
    func failures() async {
        for (reply, code) in [
            (Fixture.success(503), "discovery"),
            (
                Fixture.success(
                    200,
                    """
                    {"issuer":"\(issuerURL)","token_endpoint":"https://id.example.com/token",
                    "revocation_endpoint":"http://id.example.com/revoke"}
                    """), "invalid_configuration"
            ),
            // Whose tokens they are cannot be told without it.
            (
                Fixture.success(
                    200, #"{"issuer":"\#(issuerURL)","revocation_endpoint":"https://id.example.com/revoke"}"#),
                "invalid_configuration"
            ),
        ] {
            let world = IssuerWorld()
            world.transport[metadataURL] = reply
            let error = await #expect(throws: AttemptFailure.self) { try await revoke(world) }
            #expect(error?.code == code)
            #expect(world.requests.isEmpty)
        }
    }
}
