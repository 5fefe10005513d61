import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("Bad input")
struct BadInputTests {
    let mail = toolID("mail")

    func start(_ arguments: [String] = []) async throws -> (DaemonProcess, ProviderProcess) {
        let provider = try await ProviderProcess(.generic, arguments)
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
        ])
        return (daemon, provider)
    }

    @Test("requests that make no sense are refused with the status and type the API names")
    func requests() async throws {
        let (daemon, provider) = try await start()
        let long = String(repeating: "x", count: 9000)
        let cases: [(method: String, target: String, status: Int, type: String)] = [
            ("GET", "/v1/tools/nosuch/users/alice/token", 404, "unknown-tool"),
            ("GET", "/v1/tools/UPPER/users/alice/token", 400, "invalid-request"),
            ("GET", "/v1/tools/mail/users/alice/token", 404, "not-connected"),
            ("GET", "/v1/tools/mail/users/%00/token", 400, "invalid-request"),
            ("GET", "/v1/tools/mail/users/%ff/token", 400, "invalid-request"),
            ("GET", "/v1/tools/mail/users/%2e%2e/token", 400, "invalid-request"),
            ("GET", "/v1/tools/mail/users//token", 400, "invalid-request"),
            ("GET", "/v1/tools/mail/users/\(long)/token", 414, "too-large"),
            ("GET", "/v1/tools/mail/users/\(String(repeating: "x", count: 256))/token", 400, "invalid-request"),
            ("GET", "/v1/tools/mail/users/alice/token?wait=soon", 400, "invalid-request"),
            ("GET", "/v1/tools/mail/users/alice/token?nosuch=1", 400, "invalid-request"),
            ("GET", "/nowhere", 404, "not-found"),
            ("PATCH", "/v1/tools", 405, "method-not-allowed"),
        ]
        for example in cases {
            let answer = try await daemon.curl("--request", example.method, target: example.target)
            #expect(answer.status == example.status, "\(example.method) \(example.target.prefix(60)): \(answer.body)")
            #expect(
                answer.body.contains("urn:toolauthd:\(example.type)"), "\(example.target.prefix(60)): \(answer.body)")
        }
        await daemon.stop()
        await provider.end()
    }

    @Test("bodies that are broken, too long, of the wrong type or with unknown members are refused")
    func bodies() async throws {
        let (daemon, provider) = try await start()
        let authorize = "/v1/tools/mail/users/alice/authorize"
        let json = "Content-Type: application/json"
        let cases: [(header: String, body: String, status: Int)] = [
            (json, "{\"scopes\": [", 400), (json, "[]", 400), (json, "{\"nosuch\": 1}", 400),
            (json, "{\"scopes\": \"read\"}", 400), (json, "{\"scopes\": [\"admin\"]}", 400),
            (json, "{\"redirect_uri\": \"https://evil.example/\"}", 400),
            (json, "{\"frontend_redirect\": \"https://evil.example/\"}", 400),
            ("Content-Type: text/plain", "{}", 415),
            (json, "{\"prompt\": \"\(String(repeating: "x", count: 70_000))\"}", 413),
        ]
        for example in cases {
            let answer = try await daemon.curl(
                "--request", "POST", "--header", example.header, "--data-binary", example.body, target: authorize)
            #expect(answer.status == example.status, "\(example.body.prefix(60)): \(answer.body)")
        }
        await daemon.stop()
        await provider.end()
    }

    @Test("headers without end are refused")
    func headers() async throws {
        let (daemon, provider) = try await start()
        let answer = try await daemon.curl(
            "--header", "X-Long: \(String(repeating: "x", count: 20_000))", target: "/v1/tools")
        #expect(answer.status == 431, "\(answer.body)")
        await daemon.stop()
        await provider.end()
    }

    @Test("a slow provider keeps a reader no longer than he wants to wait, and his token comes later")
    func slow() async throws {
        let (daemon, provider) = try await start()
        let grant = try await provider.grant(to: "alice", scope: "read write")
        // Of the imported token nothing is left; its refresh takes a while.
        try await provider.fail(.latency, ["seconds": 3])
        try await daemon.client.importTokens(.init(refreshToken: grant.refreshToken), toolID: mail, userID: alice)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.token(toolID: mail, userID: alice, wait: .seconds(1))
        }
        #expect(problem == "refresh-pending")
        let token = try await daemon.client.token(toolID: mail, userID: alice, wait: .seconds(20))
        #expect(token.generation == 2)
        #expect(try await provider.counters().refreshes() == 1)
        await daemon.stop()
        await provider.end()
    }

    @Test("replayed, forged and refused callbacks connect nobody")
    func callbacks() async throws {
        let (daemon, provider) = try await start()
        let client = daemon.client
        let flow = try await client.authorize(toolID: mail, userID: alice)
        let callback = try await provider.consent(to: flow.authURL)
        _ = try await client.callback(url: callback)
        #expect(
            await daemon.problem { client throws(ToolAuthClientError) in try await client.callback(url: callback) }
                == "invalid-callback")
        let forged = "http://127.0.0.1:8790/callback?code=x&state=forged"
        #expect(
            await daemon.problem { client throws(ToolAuthClientError) in try await client.callback(url: forged) }
                == "invalid-callback")

        try await provider.set(["callback_error": "access_denied"])
        let denied = try await client.authorize(toolID: mail, userID: bob)
        let refusal = try await provider.consent(to: denied.authURL)
        #expect(
            await daemon.problem { client throws(ToolAuthClientError) in try await client.callback(url: refusal) }
                == "provider-error")
        #expect(try await client.authorization(denied.authorizationID).status == "denied")

        try await provider.set(["callback_error": "", "callback_iss": "wrong"])
        let mixed = try await client.authorize(toolID: mail, userID: bob)
        let mixedUp = try await provider.consent(to: mixed.authURL)
        #expect(
            await daemon.problem { client throws(ToolAuthClientError) in try await client.callback(url: mixedUp) }
                == "invalid-callback")
        #expect(try await provider.counters().codesRedeemed == 1)
        await daemon.stop()
        await provider.end()
    }

    struct Exchange: Sendable, CustomTestStringConvertible {
        let failure: ProviderProcess.Failure
        let members: [String: ControlValue]
        let problem: String
        var testDescription: String { "\(failure.rawValue) → \(problem)" }
    }

    @Test(
        "an exchange that fails says whose fault it was",
        arguments: [
            Exchange(failure: .error, members: ["error": "invalid_grant"], problem: "provider-error"),
            Exchange(failure: .error, members: ["error": "invalid_client"], problem: "provider-error"),
            Exchange(failure: .status, members: ["status": 503], problem: "provider-unreachable"),
            Exchange(failure: .close, members: [:], problem: "provider-unreachable"),
            Exchange(failure: .html, members: [:], problem: "provider-unreachable"),
            Exchange(failure: .contentType, members: ["count": 1], problem: ""),
            Exchange(failure: .big, members: [:], problem: "provider-unreachable"),
            Exchange(failure: .redirect, members: [:], problem: "provider-unreachable"),
        ])
    func exchanges(example: Exchange) async throws {
        let (daemon, provider) = try await start()
        try await provider.fail(example.failure, example.members)
        let flow = try await daemon.client.authorize(toolID: mail, userID: alice)
        let callback = try await provider.consent(to: flow.authURL)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.callback(url: callback)
        }
        #expect((problem ?? "") == example.problem)
        #expect(try await provider.counters().redirectsFollowed == 0)
        await daemon.stop()
        await provider.end()
    }

    struct Refresh: Sendable, CustomTestStringConvertible {
        let failure: ProviderProcess.Failure
        let members: [String: ControlValue]
        /// The record's last error.
        let code: String?
        var testDescription: String { failure.rawValue }
    }

    @Test(
        "a provider that is down, lies, sends HTML or floods harms no grant",
        arguments: [
            Refresh(failure: .status, members: ["status": 500], code: nil),
            Refresh(failure: .html, members: ["status": 200], code: nil),
            Refresh(failure: .html, members: ["status": 403], code: nil),
            Refresh(failure: .empty, members: [:], code: nil), Refresh(failure: .array, members: [:], code: nil),
            Refresh(failure: .big, members: ["chunked": true], code: nil),
            Refresh(failure: .halfReply, members: [:], code: nil), Refresh(failure: .reset, members: [:], code: nil),
            Refresh(failure: .redirect, members: [:], code: nil),
            Refresh(failure: .error, members: ["error": "invalid_request"], code: "invalid_request"),
        ])
    func refreshes(example: Refresh) async throws {
        let provider = try await ProviderProcess(.generic, ["--set", "rotation=none"])
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon,
            "tools.d/mail.yaml": Configurations.tool(at: provider, refresh: "{rotation: none}"),
        ])
        try await daemon.connect(mail, at: provider)
        let before = try await daemon.client.token(toolID: mail, userID: alice)
        try await provider.fail(example.failure, example.members)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: mail, userID: alice)
        }
        #expect(problem == "provider-unreachable" || problem == "provider-error")
        let record = try await daemon.client.record(toolID: mail, userID: alice)
        #expect(record.lastError != nil || record.status == "healthy")
        if let code = example.code { #expect(record.lastError?.code == code) }
        // The token that is still valid goes on being handed out, with a warning until the next success.
        let after = try await daemon.client.token(toolID: mail, userID: alice)
        #expect(after.accessToken == before.accessToken || after.generation > before.generation)
        #expect(try await provider.counters().redirectsFollowed == 0)
        await daemon.stop()
        await provider.end()
    }

    @Test("a provider that is not there is said to be unreachable, and the token goes on")
    func down() async throws {
        let (daemon, provider) = try await start()
        try await daemon.connect(mail, at: provider)
        try await provider.listen(false)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.refresh(toolID: mail, userID: alice)
        }
        #expect(problem == "provider-unreachable")
        #expect(
            try await daemon.client.token(toolID: mail, userID: alice).warning?.type == "urn:toolauthd:refresh-failed")
        await daemon.stop()
        await provider.end()
    }

    @Test("a second daemon on the state directory is refused and says who has it")
    func secondDaemon() async throws {
        let first = try await DaemonProcess(["toolauthd.yaml": Configurations.daemon])
        let second = try await DaemonProcess.expectingExit(
            in: first.directory, arguments: ["--socket", first.directory.file("other.sock")])
        #expect(second.code == .code(74))
        #expect(second.said.contains("\(first.process.pid)"))
        #expect(try await first.client.health().status == "ok")
        await first.stop()
    }

    @Test("a configuration with a typo stops the start, and names file, line, column and the key meant")
    func typo() async throws {
        let directory = try TemporaryDirectory()
        let ended = try await DaemonProcess.expectingExit(["toolauthd.yaml": "log:\n  levle: info\n"], in: directory)
        #expect(ended.code == .code(78))
        #expect(ended.said.contains("toolauthd.yaml:2:3"))
        #expect(ended.said.contains("level"))
        directory.remove()
    }

    @Test("a tool file with an error makes its tool unavailable and no other")
    func brokenTool() async throws {
        let provider = try await ProviderProcess()
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon, "tools.d/mail.yaml": Configurations.tool(at: provider),
            "tools.d/broken.yaml":
                "broken:\n  provider: gogle\n  client_id: x\n  redirect_uris: [\"http://127.0.0.1:8790/callback\"]\n",
        ])
        let tools = try await daemon.client.tools()
        #expect(tools.map(\.status) == ["unavailable", "available"])
        #expect(tools[0].reason?.contains("broken.yaml:2:13") == true)
        #expect(tools[0].reason?.contains("google") == true)
        let problem = await daemon.problem { client throws(ToolAuthClientError) in
            try await client.authorize(toolID: toolID("broken"), userID: alice)
        }
        #expect(problem == "tool-unavailable")
        try await daemon.connect(mail, at: provider)
        await daemon.stop()
        await provider.end()
    }

    @Test(
        "a master key that is gone or another refuses the start and leaves the store as it is",
        arguments: [true, false])
    func wrongKey(missing: Bool) async throws {
        let (daemon, provider) = try await start()
        try await daemon.connect(mail, at: provider)
        await daemon.stop()
        let key = daemon.directory.file("state/master.key")
        if missing {
            unlink(key)
        } else {
            let text = try #require(daemon.directory.read("state/master.key"))
            let line = try #require(text.split(separator: "\n").last { !$0.hasPrefix("#") })
            let id = try #require(line.split(separator: ":").first)
            let other = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
            try daemon.directory.write("\(id):\(other)\n", to: "state/master.key")
            chmod(key, 0o600)
        }
        let before = try Data(contentsOf: URL(filePath: daemon.directory.file("state/toolauthd.db")))
        let ended = try await DaemonProcess.expectingExit(in: daemon.directory)
        #expect(ended.code == .code(78))
        #expect(ended.said.contains("key"))
        #expect(try Data(contentsOf: URL(filePath: daemon.directory.file("state/toolauthd.db"))) == before)
        await provider.end()
    }
}
