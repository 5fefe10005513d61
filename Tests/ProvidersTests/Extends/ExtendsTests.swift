import OAuth
import TestSupport
import Testing
import ToolAuthCore

@testable import Providers

/// A directory with a shipped catalogue of its own.
struct LayeredFixture {
    var fixture = ConfigurationFixture()

    init(shipped: String = "", own: String = "", tool: String = plainTool) {
        fixture.catalogue = "\(fixture.directory.path)/shipped"
        fixture.write("shipped/s.yaml", shipped)
        fixture.write("providers.d/p.yaml", own)
        fixture.write("tools.d/t.yaml", tool)
    }

    func configuration() throws -> OAuth2Configuration {
        let loaded = try fixture.load()
        #expect(loaded.problems.map { fixture.told($0.description) } == [])
        return try #require(loaded.tools.first).oauth2
    }
}

private let base = """
    base:
      title: Base
      connection: {tenant: {pattern: "[a-z]+", default: common}}
      authorization:
        endpoint: https://auth.example.com/authorize
        parameters: {access_type: offline, prompt: consent}
        rename: {client_id: client_key}
      token:
        endpoint: https://auth.example.com/token
        client_authentication: client_secret_post
        response: {at: data, metadata: [a, b], expiry: {from: ends, is: epoch}}
      refresh: {rotation: single_use, ahead: {min: 10s, max: 1h}}
      revocation: {endpoint: "https://auth.example.com/revoke"}

    """

private func extended(_ lines: String, below: String = base) throws -> OAuth2Configuration {
    try LayeredFixture(own: below + "example:\n  extends: base\n" + lines).configuration()
}

@Suite("A document that extends another")
struct ExtendsTests {
    @Test("and says no more is that other")
    func same() throws {
        let one = try extended("")
        let other = try LayeredFixture(own: base.replacing("base:", with: "example:")).configuration()
        #expect(one.authorization == other.authorization)
        #expect(one.token == other.token)
        #expect(one.refresh == other.refresh)
        #expect(one.refreshPolicy == other.refreshPolicy)
        #expect(one.revocation == other.revocation)
        #expect(one.connectionParameters == other.connectionParameters)
    }

    @Test("has its maps merged, however deep")
    func merged() throws {
        let configuration = try extended(
            """
              authorization: {parameters: {prompt: login, hd: x}}
              token: {response: {expiry: {is: seconds}}}
              refresh: {ahead: {min: 20s}, jitter: 0.5}

            """)
        #expect(configuration.authorization.url == "https://auth.example.com/authorize")
        #expect(
            configuration.authorization.parameters == ["access_type": "offline", "prompt": "login", "hd": "x"])
        #expect(configuration.token.response.at == ["data"])
        #expect(configuration.token.response.expiry == .init(from: "ends", form: .seconds))
        #expect(configuration.refreshPolicy.rotation == .singleUse)
        #expect(configuration.refreshPolicy.aheadMinimum == .seconds(20))
        #expect(configuration.refreshPolicy.aheadMaximum == .seconds(3600))
        #expect(configuration.refreshPolicy.jitter == 0.5)
    }

    @Test("has its lists, and what is of another kind, in the place of the other's")
    func replaced() throws {
        #expect(try extended("  token: {response: {metadata: [c]}}\n").token.response.metadata == ["c"])
        #expect(try extended("  token: {response: {at: [x, y]}}\n").token.response.at == ["x", "y"])
        let candidates = try extended("  token: {endpoint: [\"https://auth.example.com/${connection.tenant}\"]}\n")
            .token.url.candidates
        #expect(candidates == ["https://auth.example.com/${connection.tenant}"])
    }

    @Test("takes out what it says is null")
    func removed() throws {
        let configuration = try extended(
            """
              authorization: {parameters: {prompt: null}, rename: {client_id: null}}
              token: {response: null}
              refresh: {ahead: ~}
              revocation:

            """)
        #expect(configuration.authorization.parameters == ["access_type": "offline"])
        // The name the other had for it is gone: it goes by its own again.
        #expect(configuration.authorization.rename == [:])
        #expect(configuration.token.response == TokenResponseFormat())
        #expect(configuration.refreshPolicy.aheadMinimum == .seconds(60))
        #expect(configuration.revocation == nil)
    }

    @Test(
        "has no revocation where it says null, whatever the other says of it and its issuer offers",
        arguments: ["", "  revocation: {scope: grant}\n", "  revocation: null\n"])
    func noRevocation(former: String) throws {
        let issuer = "base:\n  issuer: https://id.example.com\n" + former
        #expect(try (extended("", below: issuer).revocation == nil) == former.contains("null"))
        #expect(try extended("  revocation: null\n", below: issuer).revocation == nil)
        let middle = "middle: {extends: base, revocation: null}\n"
        let own = issuer + middle + "example: {extends: middle, title: Own}\n"
        #expect(try LayeredFixture(own: own).configuration().revocation == nil)
        let on = issuer + middle + "example: {extends: middle, revocation: {scope: grant}}\n"
        #expect(
            try LayeredFixture(own: on).configuration().revocation
                == RevocationEndpoint(url: .discovered, scope: .grant))
    }

    @Test("leaves a parameter out by null where the other does not name it")
    func leftOut() throws {
        let configuration = try extended(
            "  authorization: {rename: {redirect_uri: null}}\n  token: {rename: {redirect_uri: null}}\n")
        #expect(configuration.authorization.rename == ["client_id": "client_key", "redirect_uri": nil])
        #expect(configuration.token.rename == ["redirect_uri": nil])
    }

    @Test("may be extended itself; the nearest one wins")
    func chain() throws {
        let own = """
            middle: {extends: base, title: Middle, token: {body: json, response: {at: middle}}}
            example: {extends: middle, token: {response: {at: top}}}

            """
        let configuration = try LayeredFixture(own: own + base).configuration()
        #expect(configuration.token.body == .json)
        #expect(configuration.token.response.at == ["top"])
        #expect(configuration.token.response.metadata == ["a", "b"])
        let middle = try LayeredFixture(own: own + base).fixture.load().providers.first { $0.name == "middle" }
        #expect(middle?.title == "Middle")
    }

    @Test("may stand at the end of a chain of 32, and no longer one")
    func longChain() throws {
        func chain(_ length: Int) -> String {
            var own = base
            for number in 1..<length {
                own += "p\(number): {extends: \(number == 1 ? "base" : "p\(number - 1)"), "
                own += "token: {parameters: {a\(number): x}}}\n"
            }
            return own + "example: {extends: p\(length - 1)}\n"
        }
        #expect(try LayeredFixture(own: chain(32)).configuration().token.parameters.count == 31)
        let told = try LayeredFixture(own: chain(33)).fixture.problems()
        #expect(
            told.contains("providers.d/p.yaml:14:15: p1.extends: is the end of a chain of more than 32 documents"),
            "\(told)")
        // Without the bound, this would take the stack.
        #expect(try LayeredFixture(own: chain(10_000), tool: "").fixture.problems().count > 9900)
    }

    @Test("has the title of the other, unless it has its own")
    func title() throws {
        func title(_ lines: String) throws -> String? {
            let fixture = LayeredFixture(own: base + "example:\n  extends: base\n" + lines).fixture
            return try fixture.load().providers.first { $0.name == "example" }?.title
        }
        #expect(try title("") == "Base")
        #expect(try title("  title: Own\n") == "Own")
        #expect(try title("  title: null\n") == "example")
    }
}

@Suite("A document of the administrator")
struct LayerTests {
    private let shipped = base.replacing("base:", with: "example:") + "other: {extends: example}\n"

    @Test("takes the place of the shipped one of its name, whole")
    func replaces() throws {
        let configuration = try LayeredFixture(shipped: shipped, own: plainProvider).configuration()
        #expect(configuration.token == TokenEndpoint(url: "https://auth.example.com/token"))
        #expect(configuration.revocation == nil)
    }

    @Test("extends the shipped one of its name")
    func extends() throws {
        let own = "example: {extends: example, token: {response: {at: own}}}\n"
        let configuration = try LayeredFixture(shipped: shipped, own: own).configuration()
        #expect(configuration.token.response.at == ["own"])
        #expect(configuration.token.clientAuthentication == .clientSecretPost)
    }

    @Test("is what shipped ones extend")
    func below() throws {
        let own = "example: {extends: example, token: {response: {at: own}}}\n"
        let tool = plainTool.replacing("provider: example", with: "provider: other")
        let configuration = try LayeredFixture(shipped: shipped, own: own, tool: tool).configuration()
        #expect(configuration.token.response.at == ["own"])
        #expect(configuration.token.response.metadata == ["a", "b"])
    }

    @Test("reaches the shipped one of its name past others")
    func around() throws {
        let own = """
            example: {extends: middle, token: {body: json}}
            middle: {extends: base, title: Middle}

            """
        let configuration = try LayeredFixture(shipped: base, own: own).configuration()
        #expect(configuration.token.body == .json)
    }
}

@Suite("A tool's own provider document")
struct InlineExtendsTests {
    private func tool(_ provider: String) -> String {
        """
        tool:
          provider: \(provider)
          client_id: client
          redirect_uris: ["https://app.example.com/callback"]

        """
    }

    @Test("extends one of the catalogue, and is the tool's alone")
    func extends() throws {
        let layered = LayeredFixture(
            shipped: base, tool: tool("{extends: base, token: {response: {at: mine}}, connection: {tenant: null}}"))
        let configuration = try layered.configuration()
        #expect(configuration.token.response.at == ["mine"])
        #expect(configuration.connectionParameters == [])
        let loaded = try layered.fixture.load()
        #expect(loaded.tools.first?.provider == "tool")
        #expect(loaded.providers.map(\.name) == ["base"])
    }

    @Test("extends a catalogue's document that is named as the tool is")
    func sameName() throws {
        let layered = LayeredFixture(
            shipped: base.replacing("base:", with: "tool:"), tool: tool("{extends: tool, token: {body: json}}"))
        #expect(try layered.configuration().token.body == .json)
    }
}
