import OAuth
import Testing
import ToolAuthCore

private func configuration(_ method: RefreshPolicy.Method, _ change: (inout TokenEndpoint) -> Void = { _ in })
    -> OAuth2Configuration
{
    var refresh = TokenEndpoint(url: "https://auth.example.com/token", clientAuthentication: .clientSecretPost)
    change(&refresh)
    var configuration = Fixture.configuration(refresh: refresh)
    configuration.refreshPolicy.method = method
    return configuration
}

private func pairs(
    _ configuration: OAuth2Configuration, _ toolAuth: ToolAuth = Fixture.toolAuth()
) throws -> [String] {
    try TokenRequest.refresh(toolAuth, configuration, clientSecret: Secret("s"), Fixture.context).http.form
        .map { "\($0.name)=\($0.value)" }
}

private let client = ["client_id=client-1", "client_secret=s"]

@Suite("A token had by the client itself")
struct ReacquireRequestTests {
    @Test("RFC 6749 §4.4.2: asks with client_credentials and the tool's scope, and sends no token")
    func plain() throws {
        #expect(
            try pairs(configuration(.reacquire)) == ["grant_type=client_credentials", "scope=mail.read mail.send"]
                + client)
    }

    @Test("asks for the tool's scope each time, however the server named what it granted")
    func scopeOfTool() throws {
        let granted = Fixture.toolAuth(record: Fixture.record(scope: "https://api.example.com/mail"))
        var configuration = configuration(.reacquire) { $0.parameters = ["again": "${scope}"] }
        configuration.scopes = ["api/.default"]
        let request = try pairs(configuration, granted)
        #expect(request.contains("scope=api/.default"))
        #expect(request.contains("again=api/.default"))
    }

    @Test("separates scopes as the server does, and leaves an empty scope out")
    func scope() throws {
        var commas = configuration(.reacquire)
        commas.authorization.scopeSeparator = ","
        commas.scopes = ["a", "b", "c"]
        #expect(try pairs(commas) == ["grant_type=client_credentials", "scope=a,b,c"] + client)
        commas.scopes = []
        #expect(try pairs(commas) == ["grant_type=client_credentials"] + client)
    }

    @Test("renames the scope or leaves it out, and takes the document's own grant type")
    func habits() throws {
        #expect(
            try pairs(configuration(.reacquire) { $0.rename = ["scope": "permissions"] })[1]
                == "permissions=mail.read mail.send")
        let zoom = configuration(.reacquire) {
            $0.grantType = "account_credentials"
            $0.rename = ["scope": nil]
            $0.parameters = ["account_id": "7"]
        }
        #expect(try pairs(zoom) == ["grant_type=account_credentials"] + client + ["account_id=7"])
    }

    @Test("needs no token at hand, and is bound to no origin: there is none to lose")
    func unbound() async throws {
        let transport = RoutingTransport([
            "https://auth.example.com/token": Fixture.success(200, #"{"access_token":"a"}"#)
        ])
        var record = Fixture.record()
        record.hasAccessToken = false
        record.hasRefreshToken = false
        record.tokenOrigin = "https://former.example.com:443"
        let toolAuth = Fixture.toolAuth(accessToken: nil, refreshToken: nil, record: record)
        guard
            case .refreshed(let grant) = await authentication(transport, configuration(.reacquire))
                .tryRefreshToken(toolAuth)
        else {
            Issue.record("not refreshed")
            return
        }
        #expect(grant.accessToken == Secret("a"))
        // It can be had again, so it is taken to end within the hour.
        #expect(grant.expiresAt == Fixture.now + .seconds(3600))
        #expect(grant.tokenOrigin == "https://auth.example.com:443")
    }

    @Test("is had anew for the client the tool has by now, and says that it is that one's")
    func otherClient() async {
        let transport = RoutingTransport([
            "https://auth.example.com/token": Fixture.success(200, #"{"access_token":"a"}"#)
        ])
        var record = Fixture.record()
        record.clientID = "client-2"
        let end = await authentication(transport, configuration(.reacquire)).tryRefreshToken(
            Fixture.toolAuth(record: record))
        guard case .refreshed(let grant) = end else {
            Issue.record("\(end)")
            return
        }
        #expect(transport.sent.first?.parameter("client_id") == "client-1")
        #expect(grant.clientID == "client-1")
    }

    @Test(
        "one that a user's goes along for is only had for the client it belongs to",
        arguments: [RefreshPolicy.Method.refreshToken, .exchangeAccessToken])
    func otherClientOfUser(method: RefreshPolicy.Method) async {
        let transport = RoutingTransport()
        var record = Fixture.record()
        record.clientID = "client-2"
        let end = await authentication(transport, configuration(method)).tryRefreshToken(
            Fixture.toolAuth(record: record))
        #expect(end.failure?.code == "configuration_changed")
        #expect(transport.urls == [])
    }

    @Test("that is refused ends no grant: there is no user who could give another")
    func refused() async {
        let transport = RoutingTransport([
            "https://auth.example.com/token": Fixture.success(400, #"{"error":"invalid_grant"}"#)
        ])
        let end = await authentication(transport, configuration(.reacquire)).tryRefreshToken(Fixture.toolAuth())
        #expect(end.name == "request_rejected")
        #expect(end.failure?.code == "invalid_grant")
    }

    @Test("has nothing to authorize")
    func authorize() async {
        let transport = RoutingTransport()
        let error = await failure {
            try await authentication(transport, configuration(.reacquire)).getAuthURL(
                for: Fixture.alice, options: AuthURLOptions())
        }
        #expect(error?.code == .noAuthorizationNeeded)
    }
}

@Suite("A token had for the access token there is")
struct AccessTokenExchangeTests {
    private func facebook(_ toolAuth: ToolAuth = Fixture.toolAuth()) throws -> [String] {
        try pairs(
            configuration(.exchangeAccessToken) {
                $0.grantType = "fb_exchange_token"
                $0.rename = ["access_token": "fb_exchange_token"]
            }, toolAuth)
    }

    @Test("sends it, under the name the server has for it, and no refresh token")
    func plain() throws {
        #expect(try pairs(configuration(.exchangeAccessToken)) == ["access_token=stored-access-token"] + client)
        #expect(
            try facebook() == ["grant_type=fb_exchange_token", "fb_exchange_token=stored-access-token"] + client)
    }

    @Test("sends no client where the document leaves it out")
    func withoutClient() throws {
        let instagram = configuration(.exchangeAccessToken) {
            $0.method = .get
            $0.grantType = "ig_refresh_token"
            $0.clientAuthentication = .nothing
            $0.rename = ["client_id": nil]
        }
        let request = try TokenRequest.refresh(
            Fixture.toolAuth(), instagram, clientSecret: Secret("s"), Fixture.context
        ).http
        #expect(
            request.url == "https://auth.example.com/token?grant_type=ig_refresh_token&access_token=stored-access-token"
        )
        #expect(request.header("Authorization") == nil)
    }

    @Test("keeps its token out of words")
    func secret() throws {
        let request = try TokenRequest.refresh(
            Fixture.toolAuth(), configuration(.exchangeAccessToken), clientSecret: Secret("s"), Fixture.context)
        #expect(request.secrets.contains(Secret("stored-access-token")))
    }

    @Test("is not had for a token that has ended, or is not there, and nothing is sent")
    func ended() async {
        var ended = Fixture.record()
        ended.expiresAt = Fixture.now
        for toolAuth in [
            Fixture.toolAuth(record: ended), Fixture.toolAuth(accessToken: nil), Fixture.toolAuth(accessToken: ""),
        ] {
            let transport = RoutingTransport()
            let end = await authentication(transport, configuration(.exchangeAccessToken)).tryRefreshToken(toolAuth)
            #expect(end.name == "unrefreshable")
            #expect(transport.urls == [])
        }
    }

    @Test("is had only where the former one came from")
    func bound() async {
        let transport = RoutingTransport()
        var record = Fixture.record()
        record.tokenOrigin = "https://former.example.com:443"
        let end = await authentication(transport, configuration(.exchangeAccessToken)).tryRefreshToken(
            Fixture.toolAuth(record: record))
        #expect(end.failure?.code == "endpoint_changed")
        #expect(transport.urls == [])
    }
}
