import FoundationEssentials
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("The guide for clients, and its example, at a running daemon")
struct ClientGuideTests {
    let gmail = toolID("gmail")

    private func start() async throws -> (DaemonProcess, ProviderProcess) {
        let provider = try await ProviderProcess()
        let daemon = try await DaemonProcess([
            "toolauthd.yaml": Configurations.daemon,
            "tools.d/gmail.yaml": Configurations.tool("gmail", at: provider),
        ])
        return (daemon, provider)
    }

    /// The code of the guide in one language, as it stands there but for the socket.
    private func code(_ section: String, _ daemon: DaemonProcess) throws -> String {
        let guide = try String(contentsOfFile: "\(repositoryRoot)/docs/clients.md", encoding: .utf8)
        var (isInside, isFenced) = (false, false)
        return guide.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line -> String? in
            if line.hasPrefix("## ") { isInside = line == "## \(section)" }
            if line.hasPrefix("```") {
                isFenced.toggle()
                return nil
            }
            guard isInside else { return nil }
            if isFenced { return String(line) }
            return line.hasPrefix("    ") ? String(line.dropFirst(4)) : nil
        }.joined(separator: "\n").replacing("/run/toolauthd/api.sock", with: daemon.socketPath)
    }

    private func run(
        _ program: String, _ arguments: [String], _ daemon: DaemonProcess
    ) async throws -> (ChildProcess.Exit?, out: String, err: String) {
        let process = try ChildProcess(program, arguments, environment: ["TOOLAUTH_SOCKET": daemon.socketPath])
        let exit = await process.waitForExit()
        return (exit, process.standardOutput, process.standardError)
    }

    @Test("what it says of curl")
    func curl() async throws {
        let (daemon, provider) = try await start()
        try await daemon.connect(gmail, at: provider)
        let flow = try await daemon.client.authorize(toolID: gmail, userID: alice)
        let token = try await daemon.client.token(toolID: gmail, userID: alice)
        let lines = try code("With curl", daemon)
            .replacing("authorizations/ID", with: "authorizations/\(flow.authorizationID)")
            // A stream has no end.
            .replacing("api --no-buffer", with: "api --max-time 1 --no-buffer")
        let result = try await run("bash", ["-uc", lines], daemon)
        #expect(result.0 == .code(28), "\(result.err)")
        for expected in [
            "\"auth_url\"", "\"status\":\"pending\"", "\"access_token\"", token.accessToken, "retry: 1000",
        ] {
            #expect(result.out.contains(expected), "\(expected) in \(result.out)")
        }
        let function = try #require(lines.split(separator: "\n").first)
        let refusal = try code("When a provider refuses a token", daemon)
            .replacing("\"12\"", with: "\"\(token.generation)\"")
        let refused = try await run("bash", ["-uc", "\(function)\n\(refusal)"], daemon)
        #expect(refused.0 == .code(0), "\(refused.err)")
        #expect(try await daemon.client.token(toolID: gmail, userID: alice).generation > token.generation)
        await daemon.stop()
        await provider.end()
    }

    @Test("what it says of Python")
    func python() async throws {
        let (daemon, provider) = try await start()
        let ask = try code("In Python, with nothing but its library", daemon) + "\nprint(token('gmail', 'alice'))\n"
        let before = try await run("python3", ["-c", ask], daemon)
        #expect(before.0 == .code(1))
        #expect(before.err.contains("PermissionError: alice must connect gmail"))
        try await daemon.connect(gmail, at: provider)
        let after = try await run("python3", ["-c", ask], daemon)
        #expect(after.0 == .code(0), "\(after.err)")
        #expect(try await daemon.client.token(toolID: gmail, userID: alice).accessToken + "\n" == after.out)
        await daemon.stop()
        await provider.end()
    }

    @Test("the example in Swift has the user connect, and then has a token")
    func example() async throws {
        let (daemon, provider) = try await start()
        let process = try ChildProcess(
            "\(DaemonProcess.programs)/example-swift-client", ["gmail", "alice"],
            environment: ["TOOLAUTH_SOCKET": daemon.socketPath])
        let prefix = "Consent here: "
        #expect(await eventually { process.standardOutput.contains(prefix) })
        let url = try #require(process.standardOutput.split(separator: "\n").first?.dropFirst(prefix.count))
        let callback = try await provider.consent(to: String(url))
        _ = try await daemon.client.callback(url: callback)
        #expect(await process.waitForExit() == .code(0), "\(process.standardError)")
        #expect(process.standardOutput.contains("A Bearer token for "))
        await daemon.stop()
        await provider.end()
    }
}
