import OAuth
import TestSupport
import Testing
import ToolAuthCore

let issuerURL = "https://id.example.com/realm"
let metadataURL = "https://id.example.com/.well-known/oauth-authorization-server/realm"

/// A tool of which only the issuer is known.
func issuerConfiguration(_ issuer: EndpointTemplate = EndpointTemplate(Template(literal: issuerURL)))
    -> OAuth2Configuration
{
    var configuration = Fixture.configuration(
        authorization: AuthorizationEndpoint(url: .discovered), token: TokenEndpoint(url: .discovered))
    configuration.issuer = issuer
    configuration.revocation = RevocationEndpoint(url: .discovered)
    return configuration
}

/// An issuer that can move.
struct IssuerWorld {
    let transport = RoutingTransport()
    let clock = ManualWallClock(Fixture.now)

    init(_ members: String = "") {
        publish(members)
        for url in ["https://id.example.com/token", "https://other.example.com/token"] {
            transport[url] = Fixture.success(200, #"{"access_token":"new-access","refresh_token":"new-refresh"}"#)
        }
        transport["https://id.example.com/revoke"] = Fixture.success()
    }

    /// Says where the endpoints are; `members` are further ones.
    func publish(_ members: String = "", token: String = "https://id.example.com/token") {
        transport[metadataURL] = Fixture.success(
            200,
            """
            {"issuer":"\(issuerURL)","authorization_endpoint":"https://id.example.com/authorize",
            "token_endpoint":"\(token)"\(members)}
            """)
    }

    func authentication(_ configuration: OAuth2Configuration = issuerConfiguration()) -> OAuth2Authentication {
        OAuth2Authentication(
            configuration: configuration, transport: transport, clock: clock, random: CountingRandom())
    }

    var record: ToolAuthRecord {
        var record = Fixture.record()
        record.tokenOrigin = "https://id.example.com:443"
        return record
    }

    /// The requests that were not for metadata.
    var requests: [HTTPRequest] { transport.sent.filter { $0.method != .get } }
}

@Suite("A tool of which only the issuer is known")
struct IssuerFlowTests {
    @Test("authorizes, exchanges and refreshes where the issuer says, and asks it once")
    func flow() async throws {
        let world = IssuerWorld()
        let authentication = world.authentication()
        let pending = try await authentication.getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        #expect(pending.authURL.hasPrefix("https://id.example.com/authorize?"))
        #expect(pending.issuer == issuerURL)
        let grant = try await authentication.retrieveAuthToken(
            from: Fixture.callback(issuer: issuerURL), pending: pending)
        #expect(grant.tokenOrigin == "https://id.example.com:443")
        let end = await authentication.tryRefreshToken(Fixture.toolAuth(record: world.record))
        #expect(end.name == "refreshed")
        #expect(
            world.transport.urls == [metadataURL, "https://id.example.com/token", "https://id.example.com/token"])
    }

    @Test("asks it nothing before it is needed")
    func lazy() {
        let world = IssuerWorld()
        _ = world.authentication()
        #expect(world.transport.urls == [])
    }

    @Test("does not ask it for what a caller has wrong")
    func early() async {
        let world = IssuerWorld()
        let options = AuthURLOptions(connection: ["x": "y"])
        let error = await failure {
            try await world.authentication().getAuthURL(for: Fixture.alice, options: options)
        }
        #expect(error?.code == .invalidRequest)
        #expect(world.transport.urls == [])
    }

    @Test(
        "proves its client as the issuer offers, unless the document says how",
        arguments: [
            ("", nil, true), (#","token_endpoint_auth_methods_supported":["client_secret_post"]"#, nil, false),
            (
                #","token_endpoint_auth_methods_supported":["client_secret_post"]"#,
                TokenEndpoint.ClientAuthentication.clientSecretBasic, true
            ),
        ] as [(String, TokenEndpoint.ClientAuthentication?, Bool)])
    func clientAuthentication(
        members: String, method: TokenEndpoint.ClientAuthentication?, isBasic: Bool
    ) async throws {
        let world = IssuerWorld(members)
        var configuration = issuerConfiguration()
        configuration.refresh.clientAuthentication = method
        _ = await world.authentication(configuration).tryRefreshToken(Fixture.toolAuth(record: world.record))
        let request = try #require(world.requests.first)
        #expect((request.header("Authorization") != nil) == isBasic)
        #expect((request.parameter("client_secret") == nil) == isBasic)
    }

    @Test(
        "RFC 9207 §2.4: a callback without iss is refused where the issuer promises it",
        arguments: [
            (true, nil, false), (true, issuerURL, true), (false, nil, true), (false, issuerURL, true),
            (true, "https://evil.example", false), (false, "https://evil.example", false),
            (false, issuerURL + "/", false),
        ] as [(Bool, String?, Bool)])
    func iss(promised: Bool, sent: String?, isTaken: Bool) async throws {
        let world = IssuerWorld(#","authorization_response_iss_parameter_supported":\#(promised)"#)
        let pending = try await world.authentication().getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        let error = await failure {
            try await world.authentication().retrieveAuthToken(from: Fixture.callback(issuer: sent), pending: pending)
        }
        #expect((error == nil) == isTaken)
        #expect(world.requests.isEmpty == !isTaken)
    }

    @Test("sends a code of one issuer to no other, which the tool names since")
    func moved() async throws {
        let world = IssuerWorld()
        let pending = try await world.authentication().getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        for later in [issuerConfiguration("https://other.example.com"), Fixture.configuration()] {
            let error = await failure {
                try await world.authentication(later).retrieveAuthToken(from: Fixture.callback(), pending: pending)
            }
            #expect(error?.code == .invalidCallback)
            #expect(error?.detail.contains("another issuer") == true, "\(String(describing: error))")
        }
        #expect(world.requests.isEmpty)
        #expect(world.transport.urls == [metadataURL])
    }

    @Test("of one of several tenants that are listed asks that tenant's issuer, and a callback's iss is that tenant's")
    func tenant() async throws {
        var configuration = issuerConfiguration("https://id.example.com/${connection.tenant}")
        configuration.connectionParameters = [ConnectionParameter(name: "tenant", hosts: ["realm", "other"])]
        let world = IssuerWorld()
        let authentication = world.authentication(configuration)
        let missing = await failure {
            try await authentication.getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        }
        #expect(missing?.detail == "gmail needs a value for 'tenant'")
        let options = AuthURLOptions(connection: ["tenant": "realm"])
        let pending = try await authentication.getAuthURL(for: Fixture.alice, options: options)
        #expect(pending.issuer == issuerURL)
        let grant = try await authentication.retrieveAuthToken(from: Fixture.callback(), pending: pending)
        #expect(grant.metadata == ["connection.tenant": "realm"])
        var record = world.record
        record.metadata = grant.metadata
        #expect(await authentication.tryRefreshToken(Fixture.toolAuth(record: record)).name == "refreshed")
        record.metadata = [:]
        let end = await authentication.tryRefreshToken(Fixture.toolAuth(record: record))
        #expect(end.name == "request_rejected")
        #expect(end.failure?.code == "discovery")
        #expect(!configuration.sharesEndpoint)
        #expect(issuerConfiguration().sharesEndpoint)
    }

    @Test("with its endpoints in the document asks nothing, and compares iss all the same")
    func explicitEndpoints() async throws {
        var configuration = Fixture.configuration()
        configuration.issuer = EndpointTemplate(Template(literal: issuerURL))
        let world = IssuerWorld()
        let pending = try await world.authentication(configuration).getAuthURL(
            for: Fixture.alice, options: AuthURLOptions())
        #expect(pending.issuer == issuerURL)
        #expect(world.transport.urls == [])
        #expect(!configuration.usesDiscovery)
    }

    @Test("of which the token endpoint alone is named, asks for the other")
    func mixed() async throws {
        var configuration = Fixture.configuration(authorization: AuthorizationEndpoint(url: .discovered))
        configuration.issuer = EndpointTemplate(Template(literal: issuerURL))
        let world = IssuerWorld()
        world.transport["https://auth.example.com/token"] = Fixture.success(200, #"{"access_token":"a"}"#)
        let authentication = world.authentication(configuration)
        let pending = try await authentication.getAuthURL(for: Fixture.alice, options: AuthURLOptions())
        let grant = try await authentication.retrieveAuthToken(from: Fixture.callback(), pending: pending)
        #expect(grant.tokenOrigin == "https://auth.example.com:443")
    }
}
