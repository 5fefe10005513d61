import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("The catalogue's providers, at servers that behave as they do")
struct CatalogueTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let tool: String
        let provider: String
        let behaviour: ProviderProcess.Behaviour
        let scopes: String
        /// The provider's word for a dead refresh token.
        let rejected: String
        var testDescription: String { tool }
    }

    static let examples = [
        Example(
            tool: "gmail", provider: "google", behaviour: .google,
            scopes: "[\"https://www.googleapis.com/auth/gmail.readonly\"]", rejected: "invalid_grant"),
        Example(
            tool: "google_drive", provider: "google", behaviour: .google,
            scopes: "[\"https://www.googleapis.com/auth/drive\"]", rejected: "invalid_grant"),
        Example(
            tool: "slack", provider: "slack", behaviour: .slack, scopes: "[\"chat:write\", \"channels:read\"]",
            rejected: "invalid_refresh_token"),
        Example(
            tool: "github", provider: "github", behaviour: .github, scopes: "[repo]", rejected: "bad_refresh_token"),
        Example(
            tool: "sharepoint", provider: "microsoft", behaviour: .microsoft,
            scopes: "[Sites.Read.All, offline_access]", rejected: "invalid_grant"),
    ]

    func start(_ example: Example) async throws -> (DaemonProcess, ProviderProcess, ToolID) {
        let provider = try await ProviderProcess(example.behaviour)
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon,
            "providers.d/\(example.provider).yaml": try Configurations.catalogued(example.provider, at: provider),
            "tools.d/\(example.tool).yaml": Configurations.tool(
                example.tool, of: example.provider, scopes: example.scopes, at: provider),
        ])
        return (daemon, provider, try #require(ToolID(example.tool)))
    }

    @Test("each connects and refreshes", arguments: examples)
    func refreshes(example: Example) async throws {
        let (daemon, provider, tool) = try await start(example)
        try await daemon.connect(tool, at: provider)
        let first = try await daemon.client.token(toolID: tool, userID: alice)
        #expect(first.warning == nil)
        let record = try await daemon.client.refresh(toolID: tool, userID: alice)
        #expect(record.status == "healthy")
        let second = try await daemon.client.token(toolID: tool, userID: alice)
        #expect(second.accessToken != first.accessToken)
        #expect(second.scope == first.scope)
        #expect(try await provider.counters().reuse == 0)
        await daemon.stop()
        await provider.end()
    }

    @Test("each provider's word for a dead refresh token ends the grant, and deletes nothing", arguments: examples)
    func rejects(example: Example) async throws {
        let (daemon, provider, tool) = try await start(example)
        try await daemon.connect(tool, at: provider)
        try await provider.killGrants(of: "alice")
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: tool, userID: alice)
        }
        let record = try await daemon.client.record(toolID: tool, userID: alice)
        #expect(record.lastError?.code == example.rejected)
        if example.provider == "google" {
            // Refresh tokens stay there, so one refusal is confirmed before it is believed.
            #expect(problem == "provider-unreachable")
            #expect(record.status == "degraded")
        } else {
            #expect(problem == "reauthorization-required")
            #expect(record.status == "needs_reauthorization")
        }
        try await daemon.connect(tool, at: provider)
        #expect(try await daemon.client.record(toolID: tool, userID: alice).status == "healthy")
        await daemon.stop()
        await provider.end()
    }

    @Test("an error of each that passes by itself ends no grant", arguments: examples)
    func transient(example: Example) async throws {
        let (daemon, provider, tool) = try await start(example)
        try await daemon.connect(tool, at: provider)
        let failures: [(ProviderProcess.Failure, [String: ControlValue])] = [
            (.status, ["status": 503]), (.html, ["status": 502]), (.status, ["status": 429, "retry_after": 1]),
        ]
        let (failure, members) = failures[(Self.examples.firstIndex { $0.tool == example.tool } ?? 0) % failures.count]
        try await provider.fail(failure, members)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: tool, userID: alice)
        }
        #expect(problem == "provider-unreachable")
        #expect(
            try await eventually { try await daemon.client.record(toolID: tool, userID: alice).status == "healthy" })
        await daemon.stop()
        await provider.end()
    }

    @Test("Google's later consent without a refresh token leaves the working grant in place")
    func laterConsent() async throws {
        let (daemon, provider, tool) = try await start(Self.examples[0])
        try await daemon.connect(tool, at: provider)
        try await provider.set(["refresh_token_given": "never"])
        let flow = try await daemon.client.authorize(toolID: tool, userID: alice)
        let callback = try await provider.consent(to: flow.authURL)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.callback(url: callback)
        }
        #expect(problem == "provider-error")
        #expect(try await daemon.client.refresh(toolID: tool, userID: alice).status == "healthy")
        await daemon.stop()
        await provider.end()
    }
}
