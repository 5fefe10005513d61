import OAuth
import Testing
import ToolAuthCore

@testable import Providers

@Suite("A provider that needs no user")
struct NoUserTests {
    private let provider = """
        example:
          token: {endpoint: "https://a.example/t", client_authentication: client_secret_post, body: json}
          refresh: {how: reacquire, grant_type: account_credentials, parameters: {account_id: "7"}}

        """
    private let tool = "tool: {provider: example, client_id: client, client_secret: {credential: example}}\n"

    private func load(_ provider: String, _ tool: String) throws -> (OAuth2Configuration?, [String]) {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", provider)
        fixture.write("tools.d/t.yaml", tool)
        let loaded = try fixture.load()
        return (loaded.tools.first?.oauth2, loaded.problems.map { fixture.told($0.description) })
    }

    @Test("has tools without redirect_uris, and asks as its token endpoint likes it")
    func plain() throws {
        let (configuration, problems) = try load(provider, tool)
        #expect(problems == [])
        #expect(configuration?.refreshPolicy.method == .reacquire)
        #expect(configuration?.redirectURIs == [])
        #expect(
            configuration?.refresh
                == TokenEndpoint(
                    url: "https://a.example/t", grantType: "account_credentials",
                    clientAuthentication: .clientSecretPost, body: .json, parameters: ["account_id": "7"]))
        #expect(configuration?.tokenOrigin == "https://a.example:443")
    }

    @Test("may have its endpoint in refresh alone, or at an issuer")
    func endpoints() throws {
        let (own, problems) = try load(
            "example: {refresh: {how: reacquire, endpoint: \"https://a.example/t\"}}\n", tool)
        #expect(problems == [])
        #expect(own?.tokenOrigin == "https://a.example:443")
        #expect(own?.usesDiscovery == false)
        let (issued, _) = try load("example: {issuer: \"https://a.example\", refresh: {how: reacquire}}\n", tool)
        #expect(issued?.usesDiscovery == true)
        #expect(issued?.tokenOrigin == nil)
    }

    @Test("may have an endpoint of another origin in refresh: no user's token is sent there")
    func otherOrigin() throws {
        let (_, problems) = try load(
            """
            example:
              token: {endpoint: "https://a.example/t"}
              refresh: {how: reacquire, endpoint: "https://b.example/t"}

            """, tool)
        #expect(problems == [])
    }

    @Test("whose tool wants users to consent is told that there is no authorization")
    func withUsers() throws {
        let (configuration, problems) = try load(
            provider, tool.replacing("client_id", with: "refresh: {how: refresh_token}, client_id"))
        #expect(configuration == nil)
        #expect(problems.contains { $0.contains("tool.redirect_uris: 'redirect_uris' is missing") })
        let (_, more) = try load(
            provider, plainTool + "  refresh: {how: refresh_token}\n")
        #expect(
            more == [
                "tools.d/t.yaml:5:13: tool.refresh.how: provider 'example' has no authorization: it goes with "
                    + "'how: reacquire' only"
            ])
    }

    @Test("needs every value of its connection from the tool: there is no caller who could give one later")
    func connection() throws {
        let provider = """
            example:
              connection: {account: {description: the account}, region: {default: eu}, unused: {}}
              token: {endpoint: "https://a.example/${connection.unused}"}
              refresh:
                how: reacquire
                endpoint: ["https://a.example/${connection.unused}/t", "https://a.example/t"]
                parameters: {account: "${connection.account}", region: "${connection.region}"}

            """
        let missing =
            "tools.d/t.yaml:1:1: tool.connection.account: provider 'example' needs a value for 'account' (the account)"
        let (without, told) = try load(provider, tool)
        #expect(without == nil)
        #expect(told == [missing])
        let (with, problems) = try load(
            provider, tool.replacing("client_id", with: "connection: {account: a}, client_id"))
        #expect(problems == [])
        #expect(with?.connection == ["account": "a"])
        for endpoint in [
            "token: {endpoint: \"https://a.example/${connection.account}\"}",
            "issuer: \"https://a.example/${connection.account}\"",
        ] {
            let (_, told) = try load(
                "example: {connection: {account: {description: the account}}, \(endpoint), refresh: {how: reacquire}}\n",
                tool)
            #expect(told == [missing])
        }
    }

    @Test("may be made of one with users, by its tool")
    func byTool() throws {
        let (configuration, problems) = try load(
            plainProvider, "tool: {provider: example, client_id: client, refresh: {how: reacquire}}\n")
        #expect(problems == [])
        #expect(configuration?.refreshPolicy.needsNoUser == true)
    }

    @Test("all others need redirect_uris")
    func needed() throws {
        for list in ["", ", redirect_uris: []", ", redirect_uris: null"] {
            let (configuration, problems) = try load(
                plainProvider, "tool: {provider: example, client_id: client\(list)}\n")
            #expect(configuration == nil)
            #expect(problems.count == 1)
            #expect(problems.first?.contains("tool.redirect_uris: ") == true)
        }
    }
}
