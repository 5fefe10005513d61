import OAuth
import Testing
import ToolAuthCore

private func exchange(
    _ context: RequestContext = Fixture.context, secret: Secret? = Secret("s"),
    _ change: (inout TokenEndpoint) -> Void
) throws -> HTTPRequest {
    var endpoint = TokenEndpoint(url: "https://auth.example.com/token?v=2")
    change(&endpoint)
    return try TokenRequest.exchange(
        code: Secret("c d"), pending: Fixture.pending(), Fixture.configuration(token: endpoint), clientSecret: secret,
        context
    ).http
}

@Suite("The form of a token request")
struct RequestFormTests {
    @Test(
        "with method get has all parameters in the query, whatever the body is said to be",
        arguments: [
            TokenEndpoint.BodyFormat.form, .json, .query,
        ])
    func get(body: TokenEndpoint.BodyFormat) throws {
        let request = try exchange {
            $0.method = .get
            $0.body = body
            $0.clientAuthentication = .clientSecretPost
        }
        #expect(request.method == .get)
        #expect(request.body == nil)
        #expect(request.header("Content-Type") == nil)
        #expect(request.header("Accept") == "application/json")
        #expect(request.url.hasPrefix("https://auth.example.com/token?v=2&grant_type=authorization_code&code=c%20d&"))
        #expect(request.url.parameter("client_secret") == "s")
    }

    @Test("with method get does not put a parameter twice into the query")
    func getTwice() {
        let error = #expect(throws: TokenRequest.Impossible.self) {
            try exchange {
                $0.method = .get
                $0.parameters = ["v": "3"]
            }
        }
        #expect(error?.detail == "the query of the token endpoint already has 'v'")
    }

    @Test("has the document's grant type, or none where that leaves it out")
    func grantType() throws {
        #expect(try exchange { $0.grantType = "web_server" }.parameter("grant_type") == "web_server")
        #expect(try exchange { $0.rename = ["grant_type": nil] }.parameter("grant_type") == nil)
        #expect(try exchange { $0.rename = ["grant_type": "type"] }.parameter("type") == "authorization_code")
    }

    @Test(
        "RFC 7617 §2: a secret as user name has an empty password, and is sent as it is",
        arguments: [("sk_live", "sk_live:"), ("a b+c", "a b+c:"), ("é", "é:")])
    func secretAsUser(secret: String, plain: String) throws {
        let request = try exchange(secret: Secret(secret)) { $0.clientAuthentication = .clientSecretAsUser }
        #expect(request.header("Authorization") == "Basic \(Base64.encode(plain.utf8))")
        #expect(request.parameter("client_id") == nil)
        #expect(request.parameter("client_secret") == nil)
    }

    @Test("has client_id beside Basic where the document puts it there")
    func clientIDBesideBasic() throws {
        let request = try exchange {
            $0.clientAuthentication = .clientSecretBasic
            $0.parameters = ["client_id": "${client_id}"]
        }
        #expect(request.parameter("client_id") == "client-1")
        #expect(request.header("Authorization") != nil)
    }

    @Test("has ${now} in seconds, and ${uuid}, one for each request")
    func nowAndUUID() async throws {
        let request = try exchange { $0.parameters = ["t": "${now}", "id": "x-${uuid}"] }
        #expect(request.parameter("t") == "1767225600")
        #expect(request.parameter("id") == "x-00000000-0000-4000-8000-000000000000")

        var configuration = Fixture.configuration()
        configuration.refresh.parameters = ["a": "${uuid}", "b": "${uuid}"]
        let transport = RoutingTransport()
        let authentication = authentication(transport, configuration)
        for _ in 0..<2 { _ = await authentication.tryRefreshToken(Fixture.toolAuth()) }
        let ids = transport.sent.compactMap { $0.parameter("a") }
        #expect(Set(ids).count == 2)
        #expect(transport.sent.compactMap { $0.parameter("b") } == ids)
    }

    @Test("RFC 9562 §5.4: ${uuid} has version 4, variant 10 and 122 random bits")
    func uuidForm() {
        var seen: Set<String> = []
        for _ in 0..<100 {
            let uuid = RequestContext(now: Fixture.now, random: SystemRandomSource()).uuid
            #expect(uuid.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil)
            seen.insert(uuid)
        }
        #expect(seen.count == 100)
        let ones = RequestContext(now: Fixture.now, random: ConstantRandom(byte: 0xff)).uuid
        #expect(ones == "ffffffff-ffff-4fff-bfff-ffffffffffff")
        let zeros = RequestContext(now: Fixture.now, random: ConstantRandom(byte: 0)).uuid
        #expect(zeros == "00000000-0000-4000-8000-000000000000")
    }

    private struct ConstantRandom: RandomSource {
        let byte: UInt8
        func bytes(_ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }
    }
}
