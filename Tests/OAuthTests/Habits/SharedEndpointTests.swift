import OAuth
import Testing
import ToolAuthCore

@Suite("A token endpoint that cannot be reached")
struct SharedEndpointTests {
    private static func configuration(_ url: EndpointAddress) -> OAuth2Configuration {
        var configuration = Fixture.configuration(token: TokenEndpoint(url: url))
        configuration.connectionParameters = [
            ConnectionParameter(name: "shop", pattern: "[a-z]+"),
            ConnectionParameter(name: "server", hosts: ["auth.example.com", "b.example.com"]),
        ]
        return configuration
    }

    @Test(
        "is the endpoint's trouble where all grants share it, and one grant's where each has its own",
        arguments: [
            ("https://auth.example.com/token", true), ("https://auth.example.com/${connection.shop}", true),
            ("https://${connection.shop}.example.com/token", false), ("https://${metadata.server}/token", false),
        ])
    func atEndpoint(url: String, isShared: Bool) async throws {
        let configuration = Self.configuration(EndpointAddress([EndpointTemplate(try Template(url))]))
        #expect(configuration.sharesEndpoint == isShared)
        let transport = StubTransport(
            .failure(TransportFailure(.connect, mayHaveBeenSent: false, detail: "connection refused")))
        var record = Fixture.record()
        record.metadata = ["connection.shop": "auth", "server": "auth.example.com"]
        let end = await authentication(transport, configuration).tryRefreshToken(Fixture.toolAuth(record: record))
        guard case .transient(let failure, _, let atEndpoint) = end else {
            Issue.record("\(end)")
            return
        }
        #expect(failure.code == "connect")
        #expect(atEndpoint == isShared)
        #expect(transport.sent.count == 1)
    }

    @Test("of which each grant has its own is tried for none of them")
    func connect() async {
        let transport = RefusingTransport()
        let own = Self.configuration("https://${connection.shop}.example.com/token")
        #expect(await authentication(transport, own).connect(timeout: .seconds(1)) == nil)
        let shared = Self.configuration("https://auth.example.com/token")
        #expect(await authentication(transport, shared).connect(timeout: .seconds(1))?.code == "connect")
        var discovered = issuerConfiguration()
        discovered.issuer = "https://id.example.com/realm"
        #expect(await authentication(transport, discovered).connect(timeout: .seconds(1))?.code == "discovery")
    }

    private struct RefusingTransport: HTTPTransport {
        let refusal = TransportFailure(.connect, mayHaveBeenSent: false, detail: "connection refused")
        func send(_ request: HTTPRequest) async -> Result<HTTPReply, TransportFailure> { .failure(refusal) }
        func connect(to url: String, options: TransportOptions, timeout: Duration) async -> TransportFailure? {
            refusal
        }
    }

    @Test("two lists of one host share it, two of two hosts do not")
    func lists() {
        #expect(Self.configuration(["https://a.example/1", "https://a.example/${metadata.x}"].address).sharesEndpoint)
        #expect(!Self.configuration(["https://a.example/1", "https://b.example/1"].address).sharesEndpoint)
    }
}

extension [EndpointTemplate] {
    fileprivate var address: EndpointAddress { EndpointAddress(self) }
}
