import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("The main job, with a real daemon and a real provider over TLS")
struct MainJobTests {
    let mail = toolID("mail")

    @Test("a user connects, and the token is kept fresh ahead of its expiry with nobody asking")
    func keepsFresh() async throws {
        let provider = try await ProviderProcess(.generic, ["--set", "lifetime=12"])
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
        ])
        try await daemon.connect(mail, at: provider)
        let first = try await daemon.client.token(toolID: mail, userID: alice, minValidity: .zero)
        // What the provider has answered is not stored yet.
        #expect(
            try await eventually(within: .seconds(60)) {
                let token = try await daemon.client.token(toolID: mail, userID: alice, minValidity: .zero)
                return token.generation >= first.generation + 2
            })
        let later = try await daemon.client.token(toolID: mail, userID: alice, minValidity: .zero)
        #expect(try await provider.counters().refreshes() >= 2)
        #expect(later.accessToken != first.accessToken)
        let counters = try await provider.counters()
        #expect(counters.reuse == 0)
        #expect(counters.deadAccessTokens == 0)
        #expect(await daemon.stop() == .code(0))
        await provider.end()
    }

    @Test(
        "client ids and secrets with special characters arrive whole",
        arguments: ["client_secret_basic", "client_secret_post"])
    func specialCharacters(authentication: String) async throws {
        let provider = try await ProviderProcess(
            .generic,
            [
                "--client-id", "id:with%+ ü", "--client-secret", "s:e%c+r e&t=ü", "--set",
                "client_authentication=\(authentication)",
            ])
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon,
            "tools.d/mail.yaml": Configurations.tool(at: provider, authentication: authentication),
        ])
        try await daemon.connect(mail, at: provider)
        #expect(try await daemon.client.refresh(toolID: mail, userID: alice).status == "healthy")
        await daemon.stop()
        await provider.end()
    }

    @Test("what is stored survives the daemon, killed or stopped, and so does a pending flow")
    func survives() async throws {
        let provider = try await ProviderProcess()
        let files = [
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
        ]
        let first = try await DaemonProcess(files)
        try await first.connect(mail, at: provider)
        let token = try await first.client.token(toolID: mail, userID: alice)
        let flow = try await first.client.authorize(toolID: mail, userID: bob)
        await first.kill()

        let second = try await DaemonProcess(files, in: first.directory)
        #expect(try await second.client.token(toolID: mail, userID: alice).accessToken == token.accessToken)
        let callback = try await provider.consent(to: flow.authURL, as: "bob")
        #expect(try await second.client.callback(url: callback).record.status == "healthy")
        #expect(await second.stop() == .code(0))
        await provider.end()
    }

    @Test("killed between sending a refresh and its reply, a record with a replay window goes on")
    func killedInFlight() async throws {
        let provider = try await ProviderProcess(.generic, ["--set", "replay_window=60"])
        let files = [
            "toolauthd.yaml": Configurations.daemon,
            "tools.d/mail.yaml": Configurations.tool(
                at: provider, refresh: "{rotation: single_use, replay_window: 60s}"),
        ]
        let first = try await DaemonProcess(files)
        try await first.connect(mail, at: provider)
        try await provider.fail(.latency, ["seconds": 5, "when": "after"])
        let refresh = Task { [client = first.client] in try? await client.refresh(toolID: mail, userID: alice) }
        #expect(try await eventually { try await provider.counters().refreshes() == 1 })
        await first.kill()
        _ = await refresh.value

        let second = try await DaemonProcess(files, in: first.directory)
        #expect(
            try await eventually { try await second.client.record(toolID: mail, userID: alice).status == "healthy" })
        #expect(try await provider.counters().reuse == 0)
        #expect(try await provider.counters().refreshes() == 2)
        await second.stop()
        await provider.end()
    }

    @Test("deleting revokes at the provider, and connecting again works")
    func deletes() async throws {
        let provider = try await ProviderProcess()
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
        ])
        try await daemon.connect(mail, at: provider)
        try await daemon.client.delete(toolID: mail, userID: alice)
        #expect(
            await daemon.problem { client throws(ToolAuthClientError) in
                try await client.token(toolID: mail, userID: alice)
            } == "not-connected")
        #expect(try await eventually { try await provider.counters().requests["revoke"] == 2 })
        try await daemon.connect(mail, at: provider)
        _ = try await daemon.client.token(toolID: mail, userID: alice)
        await daemon.stop()
        await provider.end()
    }

    @Test("an imported refresh token alone becomes a token")
    func imports() async throws {
        let provider = try await ProviderProcess()
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
        ])
        let grant = try await provider.grant(to: "bob", scope: "read write")
        let imported = try await daemon.client.importTokens(
            .init(refreshToken: grant.refreshToken), toolID: mail, userID: bob)
        #expect(imported.created)
        let token = try await daemon.client.token(toolID: mail, userID: bob)
        #expect(token.accessToken != grant.accessToken)
        await daemon.stop()
        await provider.end()
    }

    @Test("over the socket a token comes bare, and a report about an old one is answered with the newer")
    func overTheSocket() async throws {
        let provider = try await ProviderProcess()
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
        ])
        let user = try #require(UserID("alice/work é"))
        try await daemon.connect(mail, user, at: provider)
        let path = "/v1/tools/mail/users/alice%2Fwork%20%C3%A9"
        let token = try await daemon.client.token(toolID: mail, userID: user)
        let bare = try await daemon.curl("--header", "Accept: text/plain", target: "\(path)/token")
        #expect(bare.status == 200)
        #expect(bare.body == token.accessToken)

        let refused = "If-Match: \"\(token.generation)\""
        let first = try await daemon.curl("--request", "POST", "--header", refused, target: "\(path)/refresh")
        let second = try await daemon.curl("--request", "POST", "--header", refused, target: "\(path)/refresh")
        #expect([first.status, second.status] == [200, 200])
        #expect(try await provider.counters().refreshes() == 1)
        let weak = try await daemon.curl(
            "--request", "POST", "--header", "If-Match: W/\"1\"", target: "\(path)/refresh")
        #expect(weak.status == 400)
        await daemon.stop()
        await provider.end()
    }
}
