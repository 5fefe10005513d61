import FoundationEssentials
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

/// A habit of the provider with switches, and the words in which a document says it.
struct Habit: Sendable, CustomTestStringConvertible {
    let name: String
    let switches: [String: ControlValue]
    /// Members of the sections, in YAML's flow style.
    var authorization = ""
    var token = ""
    var refresh = "rotation: single_use"
    var revocation = ""
    var scopes = "[read, write]"
    /// The scope that a token has.
    var granted = "read write"
    var metadata: [String: String] = [:]

    var testDescription: String { name }

    func document(_ provider: ProviderInfo) -> String {
        """
        mail:
          client_id: "\(provider.clientID)"
          client_secret: "\(provider.clientSecret)"
          scopes: \(scopes)
          redirect_uris: ["\(provider.redirectURIs[0])"]
          allow_http_loopback: true
          tls: {ca_file: "\(provider.caFile ?? "")"}
          provider:
            issuer: "\(provider.issuer)"
            authorization: {endpoint: "\(provider.authorizationEndpoint)", \(authorization)}
            token: {endpoint: "\(provider.tokenEndpoint)", \(token)}
            refresh: {\(refresh)}
            revocation: {endpoint: "\(provider.revocationEndpoint ?? "")", \(revocation)}

        """
    }
}

@Suite("Habits of providers, each at a server that has it and in the words of a document")
struct HabitTests {
    private let mail = toolID("mail")

    static let habits = [
        Habit(name: "scopes that are known", switches: ["known_scopes": ["read", "write"]]),
        Habit(
            name: "commas between scopes", switches: ["scope_separator": ",", "reply_scope": "comma"],
            authorization: "scope: {separator: \",\"}", token: "response: {scope: {separator: \",\"}}"),
        Habit(name: "scopes as a list", switches: ["reply_scope": "array"]),
        Habit(name: "scopes left out of the reply", switches: ["reply_scope": "missing"]),
        Habit(name: "fewer scopes than asked for", switches: ["granted_scope": "subset"], granted: "read"),
        Habit(
            name: "a scope that a refresh token takes", switches: ["refresh_token_given": "offline_access_scope"],
            authorization: "scope: {always: [offline_access]}", granted: "read write offline_access"),
        Habit(
            name: "more in the callback", switches: ["callback_extra": ["realmId": "9"]],
            authorization: "callback: {metadata: [realmId]}", metadata: ["realmId": "9"]),
        Habit(
            name: "more in the reply", switches: ["reply_extra": ["team": ["id": "T1"], "urls": ["a", "b"]]],
            token: "response: {metadata: [team.id, urls.1]}", metadata: ["team.id": "T1", "urls.1": "b"]),
        Habit(name: "a JSON body", switches: ["request_body": "json"], token: "body: json"),
        Habit(name: "parameters in the query", switches: ["request_body": "query"], token: "body: query"),
        Habit(
            name: "the secret in the body", switches: ["client_authentication": "client_secret_post"],
            token: "client_authentication: client_secret_post"),
        Habit(name: "a refresh ends older access tokens", switches: ["refresh_revokes_access": true]),
        Habit(
            name: "a refresh names its scope", switches: ["refresh_needs_scope": true],
            refresh: "rotation: single_use, parameters: {scope: \"${scope}\"}"),
        Habit(
            name: "the reply to a refresh has no refresh token",
            switches: ["rotation": "none", "refreshed_refresh_token": "absent"], refresh: "rotation: none"),
        Habit(
            name: "the reply to a refresh has an empty refresh token",
            switches: ["rotation": "none", "refreshed_refresh_token": "empty"], refresh: "rotation: none"),
        Habit(
            name: "the reply to a refresh has null for one",
            switches: ["rotation": "none", "refreshed_refresh_token": "null"], refresh: "rotation: none"),
        Habit(name: "no PKCE", switches: ["pkce": "forbidden"], authorization: "pkce: none"),
        Habit(name: "long tokens", switches: ["token_bytes": 6000]),
        Habit(
            name: "a form for a reply", switches: ["reply_encoding": "form"], token: "response: {format: form}"),
        Habit(
            name: "a form unless JSON is asked for", switches: ["reply_encoding": "form_without_accept"],
            token: "headers: {Accept: application/json}"),
        Habit(
            name: "a form or JSON, whoever knows", switches: ["reply_encoding": "form"],
            token: "response: {format: auto}"),
        Habit(
            name: "tokens in an object of their own, at the exchange only", switches: ["reply_shape": "slack"],
            authorization: "scope: {parameter: user_scope}",
            token: "response: {at: authed_user}", refresh: "rotation: single_use, response: {at: \"\"}"),
        Habit(
            name: "a nonce that comes back", switches: ["id_token_nonce": "right"], scopes: "[openid]",
            granted: "openid"),
        Habit(
            name: "a nonce that does not come back", switches: ["id_token_nonce": "missing"],
            authorization: "rename: {nonce: null}", scopes: "[openid]", granted: "openid"),
        Habit(name: "a clock that is wrong", switches: ["date_skew": 3600]),
        Habit(name: "connections for one request each", switches: ["requests_per_connection": 1]),
        Habit(name: "lifetimes as text", switches: ["expires_in": "string"]),
    ]

    private func start(_ habit: Habit) async throws -> (DaemonProcess, ProviderProcess) {
        let provider = try await ProviderProcess()
        try await provider.set(habit.switches)
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": habit.document(provider.info),
        ])
        return (daemon, provider)
    }

    @Test("a user connects, and his token is refreshed", arguments: habits)
    func works(habit: Habit) async throws {
        let (daemon, provider) = try await start(habit)
        try await daemon.connect(mail, at: provider)
        let first = try await daemon.client.token(toolID: mail, userID: alice)
        #expect(first.scope == habit.granted)
        for (name, value) in habit.metadata { #expect(first.metadata[name] == value) }
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")
        let second = try await daemon.client.token(toolID: mail, userID: alice)
        #expect(second.accessToken != first.accessToken && second.warning == nil)
        #expect(second.scope == habit.granted)
        await daemon.stop()
        await provider.end()
    }

    @Test("a refresh token's own end is known")
    func refreshLifetime() async throws {
        let (daemon, provider) = try await start(Habit(name: "", switches: ["refresh_lifetime": 86_400]))
        try await daemon.connect(mail, at: provider)
        #expect(try await daemon.client.record(toolID: mail, userID: alice).refreshTokenExpiresAt != nil)
        await daemon.stop()
        await provider.end()
    }

    @Test("where a second consent ends the first grant, the second is the one that is kept")
    func oneGrant() async throws {
        let (daemon, provider) = try await start(Habit(name: "", switches: ["max_refresh_tokens": 1]))
        for _ in 0..<2 { try await daemon.connect(mail, at: provider) }
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")
        await daemon.stop()
        await provider.end()
    }

    @Test(
        "a callback that cannot be right is refused",
        arguments: [
            (["callback_state": "wrong"], "[read]", "invalid-callback"),
            (["callback_state": "missing"], "[read]", "invalid-callback"),
            (["callback_iss": "wrong"], "[read]", "invalid-callback"),
            (["id_token_nonce": "wrong"], "[openid]", "invalid-callback"),
            (["code_lifetime": 0], "[read]", "provider-error"),
            (["callback_error": "access_denied", "callback_error_description": "No."], "[read]", "provider-error"),
        ] as [([String: ControlValue], String, String)])
    func refused(switches: [String: ControlValue], scopes: String, code: String) async throws {
        let (daemon, provider) = try await start(Habit(name: "", switches: switches, scopes: scopes))
        let flow = try await daemon.client.authorize(toolID: mail, userID: alice)
        let callback = try await provider.consent(to: flow.authURL)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.callback(url: callback)
        }
        #expect(problem == code)
        await daemon.stop()
        await provider.end()
    }

    @Test(
        "a dead grant is known by the provider's own word for it",
        arguments: [
            (
                "slack", "failed_when: {path: ok, equals: false}, grant_rejected: [invalid_refresh_token]",
                "invalid_refresh_token"
            ),
            ("github", "grant_rejected: [bad_refresh_token]", "bad_refresh_token"),
            ("microsoft", "", "invalid_grant"), ("rfc6749", "", "invalid_grant"),
        ])
    func dialect(name: String, response: String, code: String) async throws {
        let habit = Habit(
            name: name, switches: ["error_dialect": .string(name)], token: "response: {\(response)}")
        let (daemon, provider) = try await start(habit)
        try await daemon.connect(mail, at: provider)
        try await provider.killGrants(of: "alice")
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: mail, userID: alice)
        }
        #expect(problem == "reauthorization-required")
        #expect(try await daemon.client.record(toolID: mail, userID: alice).lastError?.code == code)
        await daemon.stop()
        await provider.end()
    }

    /// Whether the provider would take any token of alice's.
    private func hasActiveToken(_ provider: ProviderProcess) async throws -> Bool {
        let grants = String(decoding: try await provider.control("GET", "grants?user=alice"), as: UTF8.self)
        return grants.contains(/"active": ?true/)
    }

    @Test(
        "a deleted grant is revoked, however the provider takes it",
        arguments: [
            Habit(name: "each token", switches: [:]),
            Habit(name: "the whole grant", switches: ["revocation_scope": "grant"], revocation: "scope: grant"),
            Habit(
                name: "without a client", switches: ["revocation_needs_client": false],
                revocation: "client_authentication: none"),
            Habit(
                name: "with complaints about a token that is gone",
                switches: ["revocation_scope": "grant", "revoking_unknown": "invalid_token"]),
            Habit(name: "the access token first", switches: [:], revocation: "token: access_token"),
        ])
    func revoked(habit: Habit) async throws {
        let (daemon, provider) = try await start(habit)
        try await daemon.connect(mail, at: provider)
        #expect(try await hasActiveToken(provider))
        try await daemon.client.delete(toolID: mail, userID: alice)
        #expect(try await eventually { try await !hasActiveToken(provider) })
        await daemon.stop()
        await provider.end()
    }

    @Test("an issuer is enough, and metadata of another is not used")
    func issuerAlone() async throws {
        let provider = try await ProviderProcess()
        let info = provider.info
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon,
            "tools.d/mail.yaml": """
            mail:
              provider: generic
              connection: {issuer: "\(info.issuer)"}
              client_id: "\(info.clientID)"
              client_secret: "\(info.clientSecret)"
              scopes: [read]
              redirect_uris: ["\(info.redirectURIs[0])"]
              allow_http_loopback: true
              tls: {ca_file: "\(info.caFile ?? "")"}

            """,
        ])
        try await provider.set(["metadata_issuer": "wrong"])
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.authorize(toolID: mail, userID: alice)
        }
        #expect(problem == "tool-unavailable")
        try await provider.set(["metadata_issuer": "right"])
        // What failed is not looked into again at once.
        #expect(
            await eventually {
                await daemon.problem { client throws(ToolAuthClientError) in
                    try await client.authorize(toolID: mail, userID: alice)
                } == nil
            })
        try await daemon.connect(mail, at: provider)
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")
        try await daemon.client.delete(toolID: mail, userID: alice)
        #expect(try await eventually { try await provider.requests(at: "revoke").count >= 2 })
        await daemon.stop()
        await provider.end()
    }

    @Test("there is no switch that no test uses")
    func everySwitchIsUsed() async throws {
        let provider = try await ProviderProcess()
        let switches = try JSONDecoder().decode(
            [String: IgnoredValue].self, from: Data(try await provider.control("GET", "switches")))
        await provider.end()
        #expect(switches.count > 30)
        let tests = try sources(below: "\(repositoryRoot)/Tests")
        for name in switches.keys.sorted() {
            #expect(tests.contains { $0.contains("\"\(name)\"") || $0.contains("\(name)=") }, "\(name)")
        }
    }

    private struct IgnoredValue: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// The text of every test of the daemon: the provider's own are not counted.
    private func sources(below directory: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: directory)
            .filter { $0.hasSuffix(".swift") || $0.hasSuffix(".py") }
            .filter { !$0.hasPrefix("Support/provider/") }
            .compactMap { try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8) }
    }
}
