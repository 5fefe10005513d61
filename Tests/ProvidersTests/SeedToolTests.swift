import OAuth
import TestSupport
import Testing
import ToolAuthCore

@testable import Providers

@Suite("The catalogue as shipped, with the examples as shipped")
struct SeedToolTests {
    /// The tool of an example file.
    private func load(_ name: String) throws -> ConfiguredTool {
        var fixture = ConfigurationFixture()
        fixture.catalogue = ConfigurationFixture.shippedCatalogue
        for name in ["gmail", "google_drive", "slack", "github", "sharepoint", "example"] {
            fixture.secrets.credentials["secrets_\(name)"] = "\(name)-secret"
        }
        let example = "\(repositoryRoot)/etc/toolauthd/tools.d/\(name).yaml.example"
        fixture.write("tools.d/\(name).yaml", try FileReader.read(example, limit: 1 << 20).bytes)
        let loaded = try fixture.load()
        #expect(loaded.problems.map(\.description) == [])
        #expect(loaded.unavailable.isEmpty)
        return try #require(loaded.tools.first)
    }

    private let redirects = ["https://assistants.example.com/v1/tool/auth"]

    private func google(_ id: String, secret: String, scope: String) throws -> OAuth2Configuration {
        let token = TokenEndpoint(url: "https://oauth2.googleapis.com/token", clientAuthentication: .clientSecretPost)
        var policy = RefreshPolicy()
        policy.refreshTokenIdle = .seconds(180 * 86_400)
        return OAuth2Configuration(
            toolID: try #require(ToolID(id)), clientID: "000000000000-example.apps.googleusercontent.com",
            clientSecrets: [Secret(secret)], scopes: [scope], redirectURIs: redirects,
            issuer: "https://accounts.google.com",
            authorization: AuthorizationEndpoint(
                url: "https://accounts.google.com/o/oauth2/v2/auth",
                parameters: ["access_type": "offline", "prompt": "consent"]),
            token: token, refresh: token, refreshPolicy: policy,
            revocation: RevocationEndpoint(
                url: "https://oauth2.googleapis.com/revoke", scope: .grant, clientAuthentication: .nothing))
    }

    @Test("gmail")
    func gmail() throws {
        let tool = try load("gmail")
        let expected = try google(
            "gmail", secret: "gmail-secret", scope: "https://www.googleapis.com/auth/gmail.readonly")
        expectEqual(tool.oauth2, expected)
        #expect(tool.title == "Gmail")
        #expect(tool.provider == "google")
        #expect(tool.tokenOrigin == "https://oauth2.googleapis.com:443")
    }

    @Test("google_drive shares gmail's endpoint where it shares its client")
    func googleDrive() throws {
        let tool = try load("google_drive")
        let expected = try google(
            "google_drive", secret: "google_drive-secret", scope: "https://www.googleapis.com/auth/drive.file")
        expectEqual(tool.oauth2, expected)
        #expect(tool.endpoint == (try load("gmail")).endpoint)
    }

    @Test("slack")
    func slack() throws {
        var response = TokenResponseFormat()
        response.at = ["authed_user"]
        response.tokenTypes = ["user"]
        response.scopeSeparator = ","
        response.metadata = ["team.id", "authed_user.id"]
        response.failedWhen = .init(path: "ok", equals: "false")
        response.grantRejected = ["invalid_refresh_token", "token_revoked"]
        response.clientRejected = ["bad_client_secret", "invalid_client_id"]
        response.transient = ["internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"]
        let token = TokenEndpoint(
            url: "https://slack.com/api/oauth.v2.access", clientAuthentication: .clientSecretPost, response: response)
        var refresh = token
        refresh.response.at = [""]
        var policy = RefreshPolicy()
        policy.rotation = .singleUse
        let expected = OAuth2Configuration(
            toolID: try #require(ToolID("slack")), clientID: "0000000000.0000000000",
            clientSecrets: [Secret("slack-secret")],
            scopes: ["channels:history", "channels:read", "chat:write", "users:read"], redirectURIs: redirects,
            authorization: AuthorizationEndpoint(
                url: "https://slack.com/oauth/v2/authorize", pkce: .none, scopeParameter: "user_scope",
                scopeSeparator: ","),
            token: token, refresh: refresh, refreshPolicy: policy)
        expectEqual(try load("slack").oauth2, expected)
    }

    @Test("github")
    func github() throws {
        var response = TokenResponseFormat()
        response.scopeSeparator = ","
        response.grantRejected = ["bad_refresh_token"]
        response.clientRejected = ["incorrect_client_credentials"]
        let token = TokenEndpoint(
            url: "https://github.com/login/oauth/access_token", clientAuthentication: .clientSecretPost,
            headers: ["Accept": "application/json"], response: response)
        var policy = RefreshPolicy()
        policy.rotation = .singleUse
        policy.refreshTokenLifetime = .seconds(180 * 86_400)
        policy.refreshTokenIdle = .seconds(180 * 86_400)
        let expected = OAuth2Configuration(
            toolID: try #require(ToolID("github")), clientID: "Iv1.0000000000000000",
            clientSecrets: [Secret("github-secret")], scopes: [], redirectURIs: redirects,
            authorization: AuthorizationEndpoint(url: "https://github.com/login/oauth/authorize"), token: token,
            refresh: token, refreshPolicy: policy)
        expectEqual(try load("github").oauth2, expected)
    }

    @Test("sharepoint")
    func sharepoint() throws {
        var response = TokenResponseFormat()
        response.grantRejected = ["interaction_required", "consent_required"]
        let token = TokenEndpoint(
            url: "https://login.microsoftonline.com/${connection.tenant}/oauth2/v2.0/token",
            clientAuthentication: .clientSecretPost,
            response: response)
        var refresh = token
        refresh.parameters = ["scope": "${scope} offline_access"]
        var policy = RefreshPolicy()
        policy.rotation = .rotating
        policy.refreshTokenLifetime = .seconds(90 * 86_400)
        policy.refreshTokenIdle = .seconds(90 * 86_400)
        var expected = OAuth2Configuration(
            toolID: try #require(ToolID("sharepoint")), clientID: "00000000-0000-0000-0000-000000000000",
            clientSecrets: [Secret("sharepoint-secret")],
            scopes: ["https://graph.microsoft.com/Sites.Read.All"], redirectURIs: redirects,
            authorization: AuthorizationEndpoint(
                url: "https://login.microsoftonline.com/${connection.tenant}/oauth2/v2.0/authorize",
                alwaysScopes: ["offline_access"]),
            token: token, refresh: refresh, refreshPolicy: policy)
        expected.connectionParameters = [
            ConnectionParameter(
                name: "tenant",
                description: "common, organizations, consumers, or the id or domain of one tenant",
                pattern: "[A-Za-z0-9][A-Za-z0-9.-]*", hosts: nil, defaultValue: "common")
        ]
        let tool = try load("sharepoint")
        expectEqual(tool.oauth2, expected)
        #expect(tool.tokenOrigin == "https://login.microsoftonline.com:443")
    }

    @Test("any server, from a provider inline")
    func generic() throws {
        let tool = try load("generic")
        #expect(tool.provider == "generic")
        let token = TokenEndpoint(url: "https://auth.example.com/oauth/token")
        var policy = RefreshPolicy()
        policy.rotation = .singleUse
        let expected = OAuth2Configuration(
            toolID: try #require(ToolID("generic")), clientID: "example", clientSecrets: [Secret("example-secret")],
            scopes: [], redirectURIs: redirects,
            authorization: AuthorizationEndpoint(url: "https://auth.example.com/oauth/authorize"), token: token,
            refresh: token, refreshPolicy: policy)
        expectEqual(tool.oauth2, expected)
    }

    @Test("what the example for any server has commented out is of the format, and all of the format is in it")
    func genericInForce() throws {
        let path = "\(repositoryRoot)/etc/toolauthd/tools.d/generic.yaml.example"
        let text = String(decoding: try FileReader.read(path, limit: 1 << 20).bytes, as: UTF8.self)
        let lines = text.split(separator: "\n").compactMap { line -> String? in
            guard let hash = line.firstIndex(of: "#"), line[..<hash].allSatisfy({ $0 == " " }) else {
                return String(line)
            }
            let rest = line[line.index(after: hash)...]
            // A comment in words has one space behind its mark; there are no such authorities here.
            if rest.first == " " && !rest.hasPrefix("  ") || rest.contains("ca_file") { return nil }
            return "\(line[..<hash])\(rest)"
        }
        var fixture = ConfigurationFixture()
        fixture.catalogue = ConfigurationFixture.shippedCatalogue
        fixture.secrets.credentials["secrets_example"] = "x"
        fixture.write("tools.d/t.yaml", lines.joined(separator: "\n") + "\n")
        let loaded = try fixture.load()
        #expect(loaded.problems.map { fixture.told($0.description) } == [])
        #expect(loaded.tools.count == 1)
        for schema in [
            ProviderSchema.document, .init(ProviderSchema.request), ProviderSchema.authorization, ProviderSchema.token,
            ProviderSchema.response, ProviderSchema.refresh, ProviderSchema.revocation, ProviderSchema.scopeParameter,
            ProviderSchema.expiry, ProviderSchema.failure,
            PolicySchema.refreshToken, PolicySchema.rate, ToolSchema.refresh,
        ] {
            for key in schema.keys where key.support == .supported {
                #expect(text.contains("\(key.name):"), "the example does not show '\(key.name)'")
            }
        }
    }

    @Test("Snowflake: refresh tokens may be single-use, and the end after 90 days is told")
    func snowflake() throws {
        var fixture = ConfigurationFixture()
        fixture.catalogue = ConfigurationFixture.shippedCatalogue
        fixture.write(
            "tools.d/t.yaml",
            plainTool.replacing("provider: example", with: "provider: snowflake")
                + "  connection: {account: acme-prod.snowflakecomputing.com}\n")
        let policy = try #require(try fixture.load().tools.first).oauth2.refreshPolicy
        #expect(policy.rotation == .singleUse)
        #expect(policy.refreshTokenAbsolute == .seconds(90 * 86_400))
    }

    @Test("every provider shipped says where its facts are from")
    func documentation() throws {
        for name in try DirectoryScan.documents(in: ConfigurationFixture.shippedCatalogue) {
            let file = DocumentFile.read("\(ConfigurationFixture.shippedCatalogue)/\(name)")
            #expect(file.failure == nil)
            for entry in file.entries {
                #expect("\(entry.key).yaml" == name)
                #expect(entry.value.entry("documentation")?.value.text?.hasPrefix("https://") == true, "\(name)")
            }
        }
    }

    /// `OAuth2Configuration` is compared part by part, so that a difference is told where it is.
    private func expectEqual(
        _ one: OAuth2Configuration, _ other: OAuth2Configuration, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(one.toolID == other.toolID, sourceLocation: sourceLocation)
        #expect(one.clientID == other.clientID, sourceLocation: sourceLocation)
        #expect(
            one.clientSecrets.map { $0.reveal() } == other.clientSecrets.map { $0.reveal() },
            sourceLocation: sourceLocation)
        #expect(one.scopes == other.scopes, sourceLocation: sourceLocation)
        #expect(one.optionalScopes == other.optionalScopes, sourceLocation: sourceLocation)
        #expect(one.redirectURIs == other.redirectURIs, sourceLocation: sourceLocation)
        #expect(one.frontendRedirects == other.frontendRedirects, sourceLocation: sourceLocation)
        #expect(one.extraParameters == other.extraParameters, sourceLocation: sourceLocation)
        #expect(one.issuer == other.issuer, sourceLocation: sourceLocation)
        #expect(one.stateLifetime == other.stateLifetime, sourceLocation: sourceLocation)
        #expect(one.authorization == other.authorization, sourceLocation: sourceLocation)
        #expect(one.token == other.token, sourceLocation: sourceLocation)
        #expect(one.upgrade == other.upgrade, sourceLocation: sourceLocation)
        #expect(one.refresh == other.refresh, sourceLocation: sourceLocation)
        #expect(one.refreshPolicy == other.refreshPolicy, sourceLocation: sourceLocation)
        #expect(one.revocation == other.revocation, sourceLocation: sourceLocation)
        #expect(one.transport == other.transport, sourceLocation: sourceLocation)
        #expect(one.addresses == other.addresses, sourceLocation: sourceLocation)
        #expect(one.connectionParameters == other.connectionParameters, sourceLocation: sourceLocation)
        #expect(one.connection == other.connection, sourceLocation: sourceLocation)
    }
}
