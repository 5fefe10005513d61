import OAuth
import Testing
import ToolAuthCore

@testable import Providers

/// The configuration of a tool of a provider with these lines.
func load(provider lines: String, tool: String = "") throws -> OAuth2Configuration {
    let fixture = ConfigurationFixture()
    fixture.write("providers.d/p.yaml", "example:\n" + lines)
    fixture.write("tools.d/t.yaml", plainTool + tool)
    let loaded = try fixture.load()
    #expect(loaded.problems.map { fixture.told($0.description) } == [])
    return try #require(loaded.tools.first).oauth2
}

private let consent = "  authorization: {endpoint: \"https://a.example/a\"}\n"
private let exchange = "  token: {endpoint: \"https://a.example/t\"}\n"

private func token(_ items: String) throws -> OAuth2Configuration {
    try load(provider: consent + "  token: {endpoint: \"https://a.example/t\", \(items)}\n")
}

@Suite("What keys of requests come to")
struct RequestKeyTests {
    @Test("a list of endpoints is tried in its order")
    func endpoints() throws {
        let configuration = try load(
            provider: """
                  connection: {server: {hosts: [a.example, b.example]}}
                  authorization:
                    endpoint: ["https://${connection.server}/a", "https://a.example/a"]
                    callback: {metadata: [server]}
                  token:
                    endpoint:
                      - https://${metadata.server}/t
                      - https://a.example/t
                  revocation: {endpoint: ["https://${metadata.server}/r"]}

                """)
        #expect(
            configuration.authorization.url.candidates == ["https://${connection.server}/a", "https://a.example/a"])
        #expect(configuration.token.url.candidates == ["https://${metadata.server}/t", "https://a.example/t"])
        #expect(configuration.refresh.url == configuration.token.url)
        #expect(configuration.revocation?.url == "https://${metadata.server}/r")
        #expect(configuration.routingMetadata == ["server"])
        #expect(configuration.tokenOrigin == nil)
    }

    @Test("a tool's value fills every endpoint of a list that takes it")
    func filledList() throws {
        let configuration = try load(
            provider: """
                  connection: {x: {}}
                  authorization: {endpoint: ["https://a.example/${connection.x}", "https://a.example/a"]}
                  token: {endpoint: "https://a.example/t"}

                """, tool: "  connection: {x: \"1 2\"}\n")
        #expect(configuration.authorization.url.text == "https://a.example/1%202, https://a.example/a")
    }

    @Test("method, grant_type and client_secret_as_user are taken over by a refresh, grant_type aside")
    func taken() throws {
        let configuration = try token(
            "method: get, grant_type: web_server, client_authentication: client_secret_as_user")
        #expect(configuration.token.method == .get)
        #expect(configuration.token.grantType == "web_server")
        #expect(configuration.token.clientAuthentication == .clientSecretAsUser)
        #expect(configuration.refresh.method == .get)
        #expect(configuration.refresh.grantType == nil)
        #expect(configuration.refresh.clientAuthentication == .clientSecretAsUser)
    }

    @Test("a refresh has its own")
    func own() throws {
        let configuration = try load(
            provider: consent + exchange
                + "  refresh: {method: get, grant_type: x, body: query, client_authentication: none}\n")
        #expect(configuration.token.method == .post)
        #expect(configuration.token.grantType == nil)
        #expect(configuration.refresh.method == .get)
        #expect(configuration.refresh.grantType == "x")
        #expect(configuration.refresh.clientAuthentication == .nothing)
    }

    @Test("client_id may stand beside Basic, where the document says that it is Basic")
    func clientID() throws {
        let configuration = try token(
            "client_authentication: client_secret_basic, parameters: {client_id: \"${client_id}\"}")
        #expect(configuration.token.parameters == ["client_id": "${client_id}"])
        let fixture = ConfigurationFixture()
        fixture.write(
            "providers.d/p.yaml",
            "example:\n" + consent
                + "  token: {endpoint: \"https://a.example/t\", client_authentication: client_secret_post, parameters: {client_id: x}}\n"
        )
        #expect(try fixture.problems().map { $0.suffix(30) } == ["'client_id' is set by the daemon".suffix(30)])
    }

    @Test("${uuid} and ${now} are known in parameters")
    func uuidAndNow() throws {
        #expect(
            try token("parameters: {a: \"${uuid}\", b: \"${now}\"}").token.parameters == [
                "a": "${uuid}", "b": "${now}",
            ])
    }

    @Test("scopes are always asked for, beside the tool's")
    func always() throws {
        let configuration = try load(
            provider: "  authorization: {endpoint: \"https://a.example/a\", scope: {always: [offline_access]}}\n"
                + exchange, tool: "  scopes: [a]\n")
        #expect(configuration.authorization.alwaysScopes == ["offline_access"])
        #expect(configuration.scopes == ["a"])
    }

    @Test("nonce is left out by null")
    func nonce() throws {
        let configuration = try load(
            provider: "  authorization: {endpoint: \"https://a.example/a\", rename: {nonce: null}}\n" + exchange)
        #expect(configuration.authorization.rename == ["nonce": nil])
    }

    @Test(
        "a reply's places and errors may be lists",
        arguments: [
            ("at: [a, \"\"]", ["a", ""], ["error"], []), ("error: [a.b, c]", [""], ["a.b", "c"], []),
            ("error: a.b", [""], ["a.b"], []), ("transient_status: [403, 420]", [""], ["error"], [403, 420]),
        ] as [(String, [String], [String], [Int])])
    func reply(item: String, at: [String], error: [String], statuses: [Int]) throws {
        let response = try token("response: {\(item)}").token.response
        #expect(response.at == at)
        #expect(response.error == error)
        #expect(response.transientStatuses == statuses)
    }

    @Test("a name of a wrong client may count with some statuses only")
    func clientRejectedStatus() throws {
        let response = try token("response: {client_rejected: [access_denied], client_rejected_status: [401]}")
            .token.response
        #expect(response.clientRejected == ["access_denied"])
        #expect(response.clientRejectedStatuses == [401])
    }

    @Test("a revocation has its order, body and authentication")
    func revocation() throws {
        let configuration = try load(
            provider: consent + exchange
                + "  revocation: {endpoint: \"https://a.example/r\", token: access_token, body: json, client_authentication: client_secret_post}\n"
        )
        #expect(
            configuration.revocation
                == RevocationEndpoint(
                    url: "https://a.example/r", first: .accessToken, body: .json,
                    clientAuthentication: .clientSecretPost))
    }
}

@Suite("An upgrade in a document")
struct UpgradeKeyTests {
    private let provider = """
          authorization: {endpoint: "https://a.example/a"}
          token:
            endpoint: https://a.example/t
            client_authentication: client_secret_post
            grant_type: code
            body: json
            headers: {X-A: a}
            parameters: {p: q}
            rename: {client_id: client_key}
            response: {at: data, metadata: [user]}
          upgrade:
            endpoint: https://b.example/u
            grant_type: exchange
            rename: {access_token: short}
            parameters: {user: "${metadata.user}"}
            response: {expiry: {from: ends}}
          refresh: {how: exchange_access_token}

        """

    @Test("inherits from token all but parameters, grant_type and rename")
    func inherited() throws {
        var expected = TokenEndpoint(
            url: "https://b.example/u", grantType: "exchange", clientAuthentication: .clientSecretPost, body: .json,
            parameters: ["user": "${metadata.user}"], headers: ["X-A": "a"], rename: ["access_token": "short"])
        expected.response.at = ["data"]
        expected.response.metadata = ["user"]
        expected.response.expiry = .init(from: "ends")
        #expect(try load(provider: provider).upgrade == expected)
    }

    @Test("is where a refresh goes, in the upgrade's form, unless that has its own endpoint at the same origin")
    func refreshed() throws {
        let configuration = try load(provider: provider)
        #expect(configuration.refresh.url == "https://b.example/u")
        #expect(configuration.refresh.response.expiry == .init(from: "ends"))
        #expect(configuration.refresh.parameters == [:])
        #expect(configuration.refresh.rename == [:])
        #expect(configuration.tokenOrigin == "https://b.example:443")
        let own = provider.replacing(
            "how: exchange_access_token", with: "how: exchange_access_token, endpoint: \"https://b.example/r\"")
        #expect(try load(provider: own).refresh.url == "https://b.example/r")
    }

    @Test(
        "moves the origin that tokens are sent back to",
        arguments: [
            ("https://b.example/r", nil),
            (
                "https://a.example/r",
                "is at https://a.example:443, and tokens are only sent back to where they came from, https://b.example:443"
            ),
        ] as [(String, String?)])
    func origin(endpoint: String, problem: String?) throws {
        let fixture = ConfigurationFixture()
        fixture.write(
            "providers.d/p.yaml",
            "example:\n" + provider.replacing("{how: exchange_access_token}", with: "{endpoint: \"\(endpoint)\"}"))
        fixture.write("tools.d/t.yaml", plainTool)
        #expect(
            try fixture.problems()
                == (problem.map { ["providers.d/p.yaml:18:23: example.refresh.endpoint: \($0)"] } ?? []))
    }

    @Test(
        "a refresh elsewhere than the exchange is refused",
        arguments: ["https://b.example/t", "https://a.example:8443/t"])
    func otherOrigin(endpoint: String) throws {
        let fixture = ConfigurationFixture()
        fixture.write(
            "providers.d/p.yaml", "example:\n" + consent + exchange + "  refresh: {endpoint: \"\(endpoint)\"}\n")
        fixture.write("tools.d/t.yaml", plainTool)
        let told = try fixture.problems()
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("providers.d/p.yaml:4:23: example.refresh.endpoint: is at ") == true)
        #expect(try fixture.load().tools.isEmpty)
    }
}
