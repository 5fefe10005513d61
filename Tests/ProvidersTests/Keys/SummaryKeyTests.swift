import Testing
import ToolAuthCore

@testable import Providers

@Suite("What the catalogue shows of a provider")
struct SummaryKeyTests {
    private func summary(_ lines: String) throws -> ProviderSummary {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", "example:\n" + lines)
        return try #require(try fixture.load().providers.first)
    }

    @Test("are the words for people, the endpoints, and what a tool must give")
    func full() throws {
        let summary = try summary(
            """
              title: Example
              documentation: https://docs.example.com
              console: https://console.example.com
              notes: [First., Second.]
              example_scopes: [a, b]
              connection:
                shop: {description: The shop., pattern: "[a-z]+", default: acme}
                server: {hosts: [a.example, b.example]}
              authorization: {endpoint: "https://${connection.shop}.a.example/a"}
              token: {endpoint: ["https://${connection.server}/t", "https://a.example/t"], client_authentication: none}
              revocation: {endpoint: "https://a.example/r"}

            """)
        #expect(summary.title == "Example")
        #expect(summary.documentation == "https://docs.example.com")
        #expect(summary.console == "https://console.example.com")
        #expect(summary.notes == ["First.", "Second."])
        #expect(summary.exampleScopes == ["a", "b"])
        #expect(summary.authorizationEndpoint == "https://${connection.shop}.a.example/a")
        #expect(summary.tokenEndpoint == "https://${connection.server}/t, https://a.example/t")
        #expect(summary.revocationEndpoint == "https://a.example/r")
        #expect(summary.takesSecret == false)
        #expect(summary.needsNoUser == false)
        #expect(summary.connection.map(\.name) == ["shop", "server"])
        #expect(summary.connection.map(\.pattern) == ["[a-z]+", nil])
        #expect(summary.connection.map(\.hosts) == [nil, ["a.example", "b.example"]])
        #expect(summary.connection.map(\.defaultValue) == ["acme", nil])
        #expect(summary.problem == nil)
    }

    @Test("of one without users is where its tokens are had")
    func noUser() throws {
        let summary = try summary(
            "  token: {endpoint: \"https://a.example/t\"}\n  refresh: {how: reacquire, endpoint: \"https://a.example/r\"}\n"
        )
        #expect(summary.needsNoUser)
        #expect(summary.authorizationEndpoint == nil)
        #expect(summary.tokenEndpoint == "https://a.example/r")
    }

    @Test("of one that is asked for is its issuer")
    func issuer() throws {
        let summary = try summary("  issuer: https://id.example.com\n")
        #expect(summary.issuer == "https://id.example.com")
        #expect(summary.tokenEndpoint == nil)
    }

    @Test("of a broken one is why")
    func broken() throws {
        let summary = try summary("  title: Example\n  extends: nothing\n")
        #expect(summary.title == "example")
        #expect(summary.problem?.hasSuffix("example.extends: there is no provider 'nothing'") == true)
    }
}
