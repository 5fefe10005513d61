import OAuth
import Testing
import ToolAuthCore

@testable import Providers

@Suite("What documents come to")
struct ProviderReadingTests {
    private func load(_ provider: String, tool: String = plainTool, daemon: String = "") throws -> OAuth2Configuration {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", daemon)
        fixture.write("providers.d/p.yaml", provider)
        fixture.write("tools.d/t.yaml", tool)
        let loaded = try fixture.load()
        #expect(loaded.problems.map(\.description) == [])
        return try #require(loaded.tools.first).oauth2
    }

    private let full = """
        example:
          title: Example
          documentation: https://example.com/docs
          issuer: https://auth.example.com
          authorization:
            endpoint: https://auth.example.com/authorize?tenant=1
            pkce: none
            scope: {parameter: user_scope, separator: ","}
            parameters: {access_type: offline, team: "${client_id}", scope: bot}
            rename: {client_id: client_key, response_type: null}
            callback: {code: auth_code, metadata: [realmId]}
          token:
            endpoint: https://auth.example.com/token
            client_authentication: none
            body: json
            parameters: {type: web_server}
            headers: {accept: text/plain, X-A: a}
            rename: {client_id: client_key}
            response:
              at: data.user
              access_token: token.access
              refresh_token: token.refresh
              token_type: kind
              token_types: [user]
              expiry: {from: ends, is: epoch_ms}
              refresh_expiry: {from: refresh_ends, is: iso8601}
              scope: {from: scopes, separator: ","}
              metadata: [team.id]
              success: [200, 201]
              failed_when: {path: status, equals: error}
              error: error.code
              grant_rejected: [gone]
              client_rejected: [who]
              transient: [later]
              format: auto
          refresh:
            endpoint: https://auth.example.com/refresh
            client_authentication: client_secret_post
            parameters: {scope: "${scope}", realm: "${metadata.realmId}", team: "${metadata.team.id}"}
            headers: {Accept: application/json}
            rename: {client_id: null}
            response: {at: "", expiry: {is: seconds}, grant_rejected: [dead]}
          revocation: {endpoint: "https://auth.example.com/revoke", token: refresh_token, scope: grant}

        """

    @Test("every key of a provider has its effect, and refresh takes over what it does not say")
    func everything() throws {
        let configuration = try load(full)
        #expect(configuration.issuer == "https://auth.example.com")
        #expect(
            configuration.authorization
                == AuthorizationEndpoint(
                    url: "https://auth.example.com/authorize?tenant=1", pkce: .none, scopeParameter: "user_scope",
                    scopeSeparator: ",",
                    parameters: ["access_type": "offline", "team": "${client_id}", "scope": "bot"],
                    rename: ["client_id": "client_key", "response_type": nil], codeParameter: "auth_code",
                    callbackMetadata: ["realmId"]))
        var response = TokenResponseFormat()
        response.at = ["data.user"]
        response.accessToken = "token.access"
        response.refreshToken = "token.refresh"
        response.tokenType = "kind"
        response.tokenTypes = ["user"]
        response.expiry = .init(from: "ends", form: .epochMilliseconds)
        response.refreshExpiry = .init(from: "refresh_ends", form: .iso8601)
        response.scope = "scopes"
        response.scopeSeparator = ","
        response.metadata = ["team.id"]
        response.success = [200, 201]
        response.failedWhen = .init(path: "status", equals: "\"error\"")
        response.error = ["error.code"]
        response.grantRejected = ["gone"]
        response.clientRejected = ["who"]
        response.transient = ["later"]
        response.encoding = .auto
        var token = TokenEndpoint(
            url: "https://auth.example.com/token", clientAuthentication: .nothing, body: .json,
            parameters: ["type": "web_server"], headers: ["accept": "text/plain", "X-A": "a"],
            rename: ["client_id": "client_key"], response: response)
        #expect(configuration.token == token)
        token.url = "https://auth.example.com/refresh"
        token.clientAuthentication = .clientSecretPost
        token.parameters = ["scope": "${scope}", "realm": "${metadata.realmId}", "team": "${metadata.team.id}"]
        token.headers = ["Accept": "application/json", "X-A": "a"]
        token.rename = ["client_id": nil]
        token.response.at = [""]
        token.response.expiry = .init(from: "ends", form: .seconds)
        token.response.grantRejected = ["dead"]
        #expect(configuration.refresh == token)
        #expect(
            configuration.revocation
                == RevocationEndpoint(
                    url: "https://auth.example.com/revoke", scope: .grant, clientAuthentication: .nothing))
    }

    @Test("a plain provider is RFC 6749")
    func plain() throws {
        let configuration = try load(plainProvider)
        #expect(configuration.authorization == AuthorizationEndpoint(url: "https://auth.example.com/authorize"))
        #expect(configuration.token == TokenEndpoint(url: "https://auth.example.com/token"))
        #expect(configuration.refresh == configuration.token)
        #expect(configuration.revocation == nil)
        #expect(configuration.issuer == nil)
    }

    @Test("parameters of the exchange are not those of a refresh")
    func parameters() throws {
        let text = plainProvider.replacing("/token\"", with: "/token\", parameters: {expiring: 1}")
        let configuration = try load(text)
        #expect(configuration.token.parameters == ["expiring": "1"])
        #expect(configuration.refresh.parameters == [:])
    }

    @Test(
        "the mark of a failure is JSON: what is plain as it is, what is quoted a string",
        arguments: [
            ("false", "false"), ("True", "true"), ("1", "1"), ("\"false\"", "\"false\""), ("error", "\"error\""),
            ("'a\"b\\'", "\"a\\\"b\\\\\""),
        ])
    func failureMark(value: String, json: String) throws {
        let text = plainProvider.replacing(
            "/token\"", with: "/token\", response: {failed_when: {path: ok, equals: \(value)}}")
        #expect(try load(text).token.response.failedWhen == .init(path: "ok", equals: json))
    }

    @Test("a tool's own keys have their effect, and toolauthd.yaml's defaults give way to them")
    func tool() throws {
        let tool = """
            tool:
              provider: example
              title: Tool
              client_id: client
              scopes: [a, b]
              optional_scopes: [c]
              extra_parameters: [hd]
              redirect_uris: ["https://app.example.com/cb", "http://127.0.0.1:8790/callback"]
              frontend_redirects: ["https://app.example.com/*", "http://localhost:3000/done"]
              proxy: http://proxy.example.com:3128
              allow_http_loopback: true

            """
        let provider = plainProvider.replacing("https://auth.example.com", with: "http://127.0.0.1:8080")
        let daemon = "proxy: http://other.example.com:1\nauthorization: {state_lifetime: 1m}\n"
        let configuration = try load(provider, tool: tool, daemon: daemon)
        #expect(configuration.scopes == ["a", "b"])
        #expect(configuration.optionalScopes == ["c"])
        #expect(configuration.extraParameters == ["hd"])
        #expect(configuration.redirectURIs == ["https://app.example.com/cb", "http://127.0.0.1:8790/callback"])
        #expect(configuration.frontendRedirects == ["https://app.example.com/*", "http://localhost:3000/done"])
        #expect(configuration.stateLifetime == .seconds(60))
        #expect(
            configuration.transport
                == TransportOptions(caFile: nil, proxy: "http://proxy.example.com:3128", allowsHTTPLoopback: true))
        #expect(configuration.token.url.text == "http://127.0.0.1:8080/token")
        #expect(try load(plainProvider, daemon: daemon).transport.proxy == "http://other.example.com:1")
    }

    @Test("plain http needs leave, also to this machine")
    func plainHTTP() throws {
        let fixture = ConfigurationFixture()
        fixture.write("providers.d/p.yaml", plainProvider.replacing("https://", with: "http://"))
        fixture.write("tools.d/t.yaml", plainTool)
        #expect(
            try fixture.problems() == [
                "providers.d/p.yaml:2:29: example.authorization.endpoint: is not https (for tool 'tool')",
                "providers.d/p.yaml:3:21: example.token.endpoint: is not https (for tool 'tool')",
            ])
    }

    @Test("a tool's authorities go before those of toolauthd.yaml")
    func authorities() throws {
        let fixture = ConfigurationFixture()
        for name in ["a.pem", "b.pem"] { fixture.write(name, "-----BEGIN CERTIFICATE-----\n") }
        fixture.write("toolauthd.yaml", "tls: {ca_file: a.pem}\n")
        fixture.write("providers.d/p.yaml", plainProvider)
        fixture.write("tools.d/t.yaml", plainTool)
        fixture.write("tools.d/u.yaml", plainTool.replacing("tool:", with: "u:") + "  tls: {ca_file: b.pem}\n")
        let files = try fixture.load().tools.map { $0.oauth2.transport.caFile.map(fixture.told) }
        #expect(files == ["a.pem", "b.pem"])
    }
}
