import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("Master keys of a running daemon")
struct KeyRotationTests {
    private static let count = 4000
    private let gmail = toolID("gmail")
    private let bulk = toolID("bulk")
    private let files: TemporaryDirectory

    init() throws { files = try TemporaryDirectory() }

    private func ctl(
        _ daemon: DaemonProcess, _ arguments: String...
    ) async throws -> (exit: ChildProcess.Exit?, out: String, err: String) {
        let process = try ChildProcess(
            "\(DaemonProcess.programs)/toolauthctl", arguments, environment: ["TOOLAUTH_SOCKET": daemon.socketPath])
        let exit = await process.waitForExit(within: .seconds(120))
        return (exit, process.standardOutput, process.standardError)
    }

    private func configuration(_ provider: ProviderProcess) -> [String: String] {
        [
            "toolauthd.yaml": Configurations.daemon,
            "tools.d/gmail.yaml": Configurations.tool("gmail", at: provider),
            "tools.d/bulk.yaml": Configurations.tool("bulk", at: provider),
        ]
    }

    private func importMany(_ daemon: DaemonProcess) async throws {
        let lines = (0..<Self.count).map {
            #"{"tool_id":"bulk","user_id":"user-\#($0)","access_token":"token \#($0)","token_type":"Bearer","expires_in":86400}"#
        }
        let file = files.file("grants")
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let imported = try await ctl(daemon, "import", file)
        #expect(imported.exit == .code(0), "\(imported.err)")
    }

    private func expectAllTokens(_ client: ToolAuthClient) async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for part in 0..<8 {
                group.addTask {
                    var wrong = 0
                    for number in stride(from: part, to: Self.count, by: 8) {
                        let token = try await client.token(toolID: bulk, userID: userID("user-\(number)")).accessToken
                        if token != "token \(number)" { wrong += 1 }
                    }
                    return wrong
                }
            }
            for try await wrong in group { #expect(wrong == 0) }
        }
    }

    /// Reads tokens, and has others refreshed, while `body` runs; whatever fails, is thrown.
    private func underUse(
        _ client: ToolAuthClient, _ provider: ProviderProcess, as name: String, _ body: () async throws -> Void
    ) async throws {
        let over = Flag()
        try await withThrowingTaskGroup(of: Int.self) { group in
            defer { over.raise() }
            for reader in 0..<2 {
                group.addTask {
                    var number = reader
                    while !over.isRaised {
                        number = (number + 97) % Self.count
                        let token = try await client.token(toolID: bulk, userID: userID("user-\(number)")).accessToken
                        #expect(token == "token \(number)")
                    }
                    return number
                }
            }
            group.addTask {
                var refreshed = 0
                while !over.isRaised {
                    // Another user each time: one who was refreshed just now is not refreshed again.
                    let user = userID("\(name)-\(refreshed)")
                    let grant = try await provider.grant(to: user.rawValue, scope: "read write")
                    let tokens = ImportBody(
                        accessToken: grant.accessToken, refreshToken: grant.refreshToken, tokenType: "Bearer",
                        expiresIn: 3600)
                    let before = try await client.importTokens(tokens, toolID: gmail, userID: user).record.generation
                    #expect(try await client.refresh(toolID: gmail, userID: user).generation > before)
                    refreshed += 1
                }
                return refreshed
            }
            try await body()
            over.raise()
            for try await done in group { #expect(done > 0) }
        }
    }

    @Test("thousands of records get a new key while they are used; a kill is gone on from; the old key goes")
    func rotation() async throws {
        let provider = try await ProviderProcess()
        let first = try await DaemonProcess(configuration(provider))
        let keyFile = "\(first.stateDirectory)/master.key"
        try await importMany(first)
        try await first.connect(gmail, at: provider)
        let old = try #require(try await first.client.keys().keys.first?.keyID)

        let added = try await ctl(first, "keys", "add")
        #expect(added.exit == .code(0), "\(added.err)")
        let new = try #require(try await first.client.keys().keys.last?.keyID)
        #expect(added.out.hasPrefix("Added: \(new), "))
        let early = try await ctl(first, "keys", "retire", old)
        #expect(early.exit == .code(64))
        #expect(early.err.contains("\(Self.count + 1) grants"), "\(early.err)")

        // Killed in the middle.
        try await underUse(first.client, provider, as: "first") {
            var progress = try await first.client.rotateKeys()
            while progress.running, progress.resealed == 0 { progress = try await first.client.keyRotation() }
            #expect(progress.running && progress.resealed < Self.count)
            #expect(
                try await first.client.status().warnings.contains { $0.contains("being sealed with the key \(new)") })
        }
        let before = try await first.client.keyRotation()
        await first.kill()
        #expect(before.running, "the kill came too late to be in the middle")

        let second = try await DaemonProcess(configuration(provider), in: first.directory)
        #expect(await eventually { second.process.standardError.contains("What was interrupted goes on") })
        try await underUse(second.client, provider, as: "second") {
            let rotated = try await ctl(second, "keys", "rotate")
            #expect(rotated.exit == .code(0), "\(rotated.err)")
            #expect(rotated.err == "")
        }
        #expect(second.process.standardError.contains("sealed with the key \(new)."))
        let keys = try await second.client.keys()
        #expect(keys.keys.first?.records["grants"] == 0)
        #expect((keys.keys.last?.records["grants"] ?? 0) > Self.count)

        let retired = try await ctl(second, "keys", "retire", old, "--json")
        #expect(retired.exit == .code(0), "\(retired.err)")
        #expect(retired.out == "{\"kept_in\":\"\(keyFile).retired\",\"key_id\":\"\(old)\"}\n")
        #expect(second.process.standardError.contains("retired the key \(old) (rule"))
        await second.stop()
        let text = try String(contentsOfFile: keyFile, encoding: .utf8)
        #expect(!text.contains(old))
        #expect(text.contains("\n\(new):"))

        // With the new key alone.
        unlink("\(keyFile).retired")
        let third = try await DaemonProcess(configuration(provider), in: first.directory)
        try await expectAllTokens(third.client)
        _ = try await third.client.refresh(toolID: gmail, userID: alice)
        for word in ["added the key \(new), with which", "records sealed with the key \(new) (rule"] {
            #expect(first.process.standardError.contains(word))
        }
        await third.stop()
        // No key is told to anybody, in whatever way it is written down.
        let secret = try #require(text.split(separator: "\n").last?.split(separator: ":").last)
        for daemon in [first, second, third] { #expect(!daemon.process.standardError.contains(secret)) }
        #expect(![added.out, early.err, retired.out].contains { $0.contains(secret) })
        await provider.end()
    }

    @Test("a key that is missing refuses the start with exit status 78, and the store stays as it is")
    func missing() async throws {
        let provider = try await ProviderProcess()
        let daemon = try await DaemonProcess(configuration(provider))
        try await daemon.connect(gmail, at: provider)
        await daemon.stop()
        let state = daemon.stateDirectory
        let text = try String(contentsOfFile: "\(state)/master.key", encoding: .utf8)
        unlink("\(state)/master.key")
        func bytes() throws -> [String: Data] {
            var bytes: [String: Data] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: state) {
                bytes[name] = try Data(contentsOf: URL(filePath: "\(state)/\(name)"))
            }
            return bytes
        }
        let before = try bytes()
        let refused = try await DaemonProcess.expectingExit(configuration(provider), in: daemon.directory)
        #expect(refused.code == .code(78), "\(refused.said)")
        #expect(refused.said.contains("is missing, and the store was sealed with the key"))
        #expect(try bytes() == before)
        try text.write(toFile: "\(state)/master.key", atomically: true, encoding: .utf8)
        chmod("\(state)/master.key", 0o600)
        let again = try await DaemonProcess(configuration(provider), in: daemon.directory)
        _ = try await again.client.refresh(toolID: gmail, userID: alice)
        await again.stop()
        await provider.end()
    }
}
