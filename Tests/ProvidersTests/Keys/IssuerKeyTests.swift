import OAuth
import Testing
import ToolAuthCore

@testable import Providers

@Suite("A provider's issuer")
struct IssuerKeyTests {
    private func problems(_ provider: String, tool: String = "") throws -> [String] {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", "example:\n" + provider)
        fixture.write("tools.d/t.yaml", plainTool + tool)
        return try fixture.problems()
    }

    @Test("alone makes a tool: all endpoints are asked of it")
    func alone() throws {
        let configuration = try load(provider: "  issuer: https://id.example.com\n")
        #expect(configuration.authorization.url.isDiscovered)
        #expect(configuration.token.url.isDiscovered)
        #expect(configuration.token.clientAuthentication == nil)
        #expect(configuration.refresh.url.isDiscovered)
        #expect(configuration.revocation == RevocationEndpoint(url: .discovered))
        #expect(configuration.usesDiscovery)
        #expect(configuration.tokenOrigin == nil)
        #expect(configuration.sharesEndpoint)
    }

    @Test("is not asked for a revocation that the document says there is none of, or that it has its own for")
    func revocation() throws {
        #expect(try load(provider: "  issuer: https://id.example.com\n  revocation: null\n").revocation == nil)
        #expect(
            try load(provider: "  issuer: https://id.example.com\n  revocation: {token: access_token}\n").revocation
                == RevocationEndpoint(url: .discovered, first: .accessToken))
        #expect(
            try load(provider: "  issuer: https://id.example.com\n  revocation: {endpoint: \"https://a.example/r\"}\n")
                .revocation?.url == "https://a.example/r")
        #expect(
            try load(
                provider: "  issuer: https://id.example.com\n  token: {endpoint: \"https://a.example/t\"}\n"
                    + "  authorization: {endpoint: \"https://a.example/a\"}\n"
            ).revocation == nil)
    }

    @Test("has the tool's connection values filled in, which no caller may give: another tenant may name any host")
    func connection() throws {
        let provider = """
              issuer: https://${connection.host}/${connection.realm}
              connection: {host: {pattern: "[a-z.]+"}, realm: {}}

            """
        let configuration = try load(
            provider: provider, tool: "  connection: {host: id.example.com, realm: a b}\n")
        #expect(configuration.issuer == "https://id.example.com/a%20b")
        #expect(try configuration.issuer(given: ["realm": "evil"]) == "https://id.example.com/a%20b")
        #expect(configuration.sharesEndpoint)
        #expect(
            try problems(provider) == [
                "tools.d/t.yaml:1:1: tool.connection.host: provider 'example' needs a value for 'host'",
                "tools.d/t.yaml:1:1: tool.connection.realm: provider 'example' needs a value for 'realm'",
            ])
    }

    @Test("whose metadata names no endpoint, since the document does, leaves its caller's values open")
    func onlyCompared() throws {
        let provider = """
              issuer: https://id.example.com/${connection.realm}
              connection: {realm: {pattern: "[a-z]+"}}
              authorization: {endpoint: "https://id.example.com/authorize"}
              token: {endpoint: "https://id.example.com/token"}
              revocation: {endpoint: "https://id.example.com/revoke"}

            """
        let configuration = try load(provider: provider, tool: "")
        #expect(try configuration.issuer(given: ["realm": "a"]) == "https://id.example.com/a")
        let discovered = provider.replacing(
            "revocation: {endpoint: \"https://id.example.com/revoke\"}", with: "revocation: {}")
        #expect(try problems(discovered).contains { $0.contains("needs a value for 'realm'") })
    }

    @Test(
        "is held against the rules for hosts when it is filled",
        arguments: [
            ("10.0.0.1", "is a private address (10.0.0.1); only with allow_private_addresses"),
            ("localhost", "is on this machine (localhost); only with allow_http_loopback, which is for tests"),
            ("evil.example/x", "would have 'evil.example/x' in its host, which is no part of one"),
        ])
    func address(host: String, problem: String) throws {
        let told = try problems(
            "  issuer: https://${connection.host}/r\n  connection: {host: {pattern: \".*\"}}\n",
            tool: "  connection: {host: \(host)}\n")
        #expect(told == ["providers.d/p.yaml:2:11: example.issuer: \(problem) (for tool 'tool')"])
    }

    @Test(
        "is https, and names no metadata",
        arguments: [
            ("http://id.example.com", "is not https"), ("https://id.example.com/#x", "has a fragment"),
            ("https://id.example.com?x", "has a query, which no issuer has"),
            ("http://id.example.com/${connection.none}", "is not https"),
            ("https://id.example.com/${connection.none}?x", "has a query, which no issuer has"),
            ("https://user@id.example.com", "has user information"), ("id.example.com", "is not absolute"),
            (
                "https://${connection.none}/",
                "'${connection.none}' names nothing that exists"
            ),
            (
                "https://id.example.com/${client_id}",
                "'${client_id}' cannot be part of an issuer; only connection values can"
            ),
        ])
    func refused(issuer: String, problem: String) throws {
        let told = try problems("  issuer: \"\(issuer)\"\n")
        #expect(told.contains { $0 == "providers.d/p.yaml:2:11: example.issuer: \(problem)" }, "\(told)")
    }

    @Test("two tools at one issuer share its limits, as one client")
    func endpoint() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", "example: {issuer: \"https://id.example.com\"}\n")
        fixture.write("tools.d/t.yaml", plainTool + plainTool.replacing("tool:", with: "other:"))
        let tools = try fixture.load().tools
        #expect(tools.count == 2)
        #expect(Set(tools.map(\.endpoint)).count == 1)
        #expect(tools.first?.endpoint == EndpointID(tokenEndpoint: "https://id.example.com", clientID: "client"))
    }
}
