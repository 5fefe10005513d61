import OAuth
import Testing
import ToolAuthCore

private let secret = Secret("client-secret-one")

private func endpoint(_ change: (inout TokenEndpoint) -> Void = { _ in }) -> TokenEndpoint {
    var endpoint = TokenEndpoint(url: "https://auth.example.com/token")
    change(&endpoint)
    return endpoint
}

private func exchange(
    _ endpoint: TokenEndpoint = endpoint(), clientSecret: Secret? = secret,
    pending: PendingAuthorization = Fixture.pending(), connection: [String: String] = [:]
) throws -> HTTPRequest {
    var configuration = Fixture.configuration(token: endpoint)
    configuration.connectionParameters = connection.keys.map { ConnectionParameter(name: $0) }
    configuration.connection = connection
    return try TokenRequest.exchange(
        code: Secret("the-authorization-code"), pending: pending, configuration, clientSecret: clientSecret,
        Fixture.context
    ).http
}

private func refresh(
    _ endpoint: TokenEndpoint = endpoint(), clientSecret: Secret? = secret,
    record: ToolAuthRecord = Fixture.record()
) throws -> HTTPRequest {
    try TokenRequest.refresh(
        Fixture.toolAuth(record: record), Fixture.configuration(refresh: endpoint), clientSecret: clientSecret,
        Fixture.context
    ).http
}

private func pairs(_ request: HTTPRequest) -> [String] {
    request.form.map { "\($0.name)=\($0.value)" }
}

@Suite("Token requests")
struct TokenRequestTests {
    @Test("RFC 6749 §4.1.3, RFC 7636 §4.5: an exchange posts code, the same redirect URI and the verifier")
    func exchangeRequest() throws {
        let request = try exchange()
        #expect(request.method == .post)
        #expect(request.url == "https://auth.example.com/token")
        #expect(
            pairs(request) == [
                "grant_type=authorization_code", "code=the-authorization-code", "redirect_uri=\(Fixture.redirectURI)",
                "code_verifier=the-code-verifier",
            ])
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
        #expect(request.header("Accept") == "application/json")
    }

    @Test("without PKCE there is no code_verifier")
    func withoutVerifier() throws {
        #expect(try exchange(pending: Fixture.pending(verifier: nil)).parameter("code_verifier") == nil)
    }

    @Test("RFC 6749 §6: a refresh posts the refresh token, without code_verifier, scope or access token")
    func refreshRequest() throws {
        #expect(pairs(try refresh()) == ["grant_type=refresh_token", "refresh_token=stored-refresh-token"])
    }

    @Test("RFC 6749 §6: scope on refresh is what was granted, and only where the document asks for it")
    func refreshScope() throws {
        let asking = endpoint { $0.parameters = ["scope": "${scope}"] }
        #expect(try refresh(asking, record: Fixture.record(scope: "a b")).parameter("scope") == "a b")
        #expect(try refresh(asking, record: Fixture.record(scope: "")).parameter("scope") == nil)
    }

    @Test("RFC 6749 §2.3: exactly one method of client authentication per request")
    func oneMethod() throws {
        let basic = try exchange(endpoint { $0.clientAuthentication = .clientSecretBasic })
        #expect(basic.header("Authorization") == "Basic \(Base64.encode("client-1:client-secret-one".utf8))")
        #expect(basic.parameter("client_secret") == nil && basic.parameter("client_id") == nil)

        let post = try exchange(endpoint { $0.clientAuthentication = .clientSecretPost })
        #expect(post.header("Authorization") == nil)
        #expect(post.parameter("client_id") == "client-1" && post.parameter("client_secret") == "client-secret-one")

        let none = try exchange(endpoint { $0.clientAuthentication = .nothing })
        #expect(none.header("Authorization") == nil)
        #expect(none.parameter("client_id") == "client-1" && none.parameter("client_secret") == nil)
    }

    @Test(
        "RFC 6749 §3.2.1: a client without a secret sends its id alone, whatever the method",
        arguments: [TokenEndpoint.ClientAuthentication.clientSecretBasic, .clientSecretPost, .nothing])
    func publicClient(method: TokenEndpoint.ClientAuthentication) throws {
        let request = try exchange(endpoint { $0.clientAuthentication = method }, clientSecret: nil)
        #expect(request.header("Authorization") == nil)
        #expect(request.parameter("client_id") == "client-1")
        #expect(request.parameter("client_secret") == nil)
    }

    @Test("a document's Authorization header is no second method of authentication")
    func headerOfDocument() throws {
        for method in [TokenEndpoint.ClientAuthentication.clientSecretBasic, .clientSecretPost] {
            let request = try exchange(
                endpoint {
                    $0.clientAuthentication = method
                    $0.headers = ["authorization": "Bearer x"]
                })
            #expect(!request.headers.contains { $0.name == "authorization" })
        }
    }

    @Test(
        "RFC 6749 §2.3.1: id and secret are form-encoded before base64",
        arguments: [
            ("id", "secret", "id:secret"), ("a:b", "c:d", "a%3Ab:c%3Ad"), ("a b", "+&%", "a+b:%2B%26%25"),
            ("id", "~._-", "id:~._-"), ("sk_live", "", "sk_live:"), ("é", "€", "%C3%A9:%E2%82%AC"),
        ])
    func basic(id: String, secret: String, plain: String) {
        let value = ClientAuthentication.basic(clientID: id, secret: Secret(secret)).reveal()
        #expect(value == "Basic \(Base64.encode(plain.utf8))")
    }

    @Test("RFC 6749 §3.2: an endpoint's query is kept, a fragment refused")
    func endpointURL() throws {
        #expect(
            try exchange(endpoint { $0.url = "https://auth.example.com/token?api=1" }).url
                == "https://auth.example.com/token?api=1")
        #expect(throws: TokenRequest.Impossible.self) {
            try exchange(endpoint { $0.url = "https://auth.example.com/token#x" })
        }
        #expect(throws: TokenRequest.Impossible.self) { try refresh(endpoint { $0.url = "/token" }) }
    }

    @Test("RFC 6749 §3.2: no parameter comes twice, and a document replaces none of the protocol's")
    func noneTwice() throws {
        let request = try exchange(
            endpoint { $0.parameters = ["grant_type": "password", "code": "other", "extra": "1", "nothing": ""] })
        #expect(request.form.filter { $0.name == "grant_type" }.map(\.value) == ["authorization_code"])
        #expect(request.form.filter { $0.name == "code" }.map(\.value) == ["the-authorization-code"])
        #expect(request.parameter("extra") == "1")
        #expect(request.parameter("nothing") == nil)
    }

    @Test("parameters are renamed and left out as the document says, and others take their place")
    func rename() throws {
        let request = try exchange(
            endpoint {
                $0.clientAuthentication = .clientSecretPost
                $0.rename = ["grant_type": nil, "client_id": "client_key"]
                $0.parameters = ["type": "web_server"]
            })
        #expect(request.parameter("grant_type") == nil)
        #expect(request.parameter("client_id") == nil)
        #expect(request.parameter("client_key") == "client-1")
        #expect(request.parameter("type") == "web_server")
    }

    @Test("templates know scope, client, redirect URI, connection and metadata")
    func templates() throws {
        let request = try exchange(
            endpoint { $0.parameters = ["a": "${scope}|${client_id}|${redirect_uri}|${connection.tenant}"] },
            connection: ["tenant": "t1"])
        #expect(request.parameter("a") == "mail.read|client-1|\(Fixture.redirectURI)|t1")
        var record = Fixture.record()
        record.metadata = ["team.id": "T1"]
        let templated = endpoint { $0.parameters = ["team": "${metadata.team.id}", "to": "${redirect_uri}"] }
        let refreshed = try refresh(templated, record: record)
        #expect(refreshed.parameter("team") == "T1")
        #expect(refreshed.parameter("to") == Fixture.redirectURI)
    }

    @Test(
        "a template without a value makes no request and names what is missing",
        arguments: ["${metadata.team}", "${connection.x}", "${nonsense}", "${connection.}"])
    func unfilled(template: String) throws {
        let parsed = try Template(template)
        let configured = endpoint { $0.parameters = ["p": parsed] }
        let error = #expect(throws: TokenRequest.Impossible.self) { try refresh(configured) }
        #expect(error?.detail.contains(template) == true)
    }

    @Test("Notion: a JSON body with Basic")
    func json() throws {
        let request = try exchange(endpoint { $0.body = .json })
        #expect(request.header("Content-Type") == "application/json")
        let value = request.body?.withUnsafeBytes { JSONValue(parsing: $0) }
        #expect(value?[path: "code"] == .string("the-authorization-code"))
        #expect(value?[path: "grant_type"] == .string("authorization_code"))
        #expect(request.header("Authorization") != nil)
    }

    @Test("RFC 6749 §2.3.1: nothing but a document that says query puts parameters into the URL")
    func query() throws {
        let request = try exchange(endpoint { $0.body = .query })
        #expect(request.body == nil)
        #expect(request.method == .post)
        #expect(request.url.parameter("code") == "the-authorization-code")
        for body in [TokenEndpoint.BodyFormat.form, .json] {
            #expect(try exchange(endpoint { $0.body = body }).url == "https://auth.example.com/token")
        }
        #expect(throws: TokenRequest.Impossible.self) {
            try exchange(
                endpoint {
                    $0.body = .query
                    $0.url = "https://auth.example.com/token?code=1"
                })
        }
    }

    @Test("a document's headers go along; Accept is JSON unless it says otherwise, Content-Type is the body's")
    func headers() throws {
        let request = try exchange(
            endpoint { $0.headers = ["accept": "text/plain", "X-A": "1", "Content-Type": "x/y"] })
        #expect(request.headers.filter { $0.name.lowercased() == "accept" }.map { $0.value.reveal() } == ["text/plain"])
        #expect(request.header("X-A") == "1")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
    }

    @Test("RFC 6749 §4.1.2, §10: codes and tokens of any size go through")
    func sizes() throws {
        let long = String(repeating: "x", count: 100_000)
        let request = try TokenRequest.refresh(
            Fixture.toolAuth(refreshToken: long), Fixture.configuration(), clientSecret: nil, Fixture.context
        ).http
        #expect(request.parameter("refresh_token")?.utf8.count == 100_000)
        let exchange = try TokenRequest.exchange(
            code: Secret(long), pending: Fixture.pending(), Fixture.configuration(), clientSecret: nil, Fixture.context
        ).http
        #expect(exchange.parameter("code") == long)
    }

    @Test("everything secret in a request is named as such")
    func secrets() throws {
        let exchange = try TokenRequest.exchange(
            code: Secret("c"), pending: Fixture.pending(nonce: "n"), Fixture.configuration(), clientSecret: secret,
            Fixture.context)
        #expect(
            exchange.secrets.map { $0.reveal() } == [
                "c", "the-code-verifier", "the-state-of-this-flow", "n", "client-secret-one",
            ])
        let refresh = try TokenRequest.refresh(
            Fixture.toolAuth(refreshToken: "r"), Fixture.configuration(), clientSecret: secret, Fixture.context)
        #expect(refresh.secrets.map { $0.reveal() } == ["client-secret-one", "r"])
    }

    @Test("the tool's way to the provider goes along")
    func options() throws {
        var configuration = Fixture.configuration()
        configuration.transport = TransportOptions(caFile: "/ca.pem", proxy: "http://p:1", allowsHTTPLoopback: true)
        let request = try TokenRequest.refresh(
            Fixture.toolAuth(refreshToken: "r"), configuration, clientSecret: nil, Fixture.context)
        #expect(request.http.options == configuration.transport)
    }
}
