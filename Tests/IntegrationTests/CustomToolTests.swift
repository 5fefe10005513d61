import FoundationEssentials
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("The guide for a tool that needs code, and its example, built and running")
struct CustomToolTests {
    private static let example = "\(repositoryRoot)/Examples/CustomTool"
    private let acme = toolID("acme")

    private func blocks(_ info: String) throws -> [String] { try fencedBlocks(of: "docs/custom-tool.md", info) }

    private func contents(_ name: String) throws -> String {
        try String(contentsOfFile: "\(Self.example)/\(name)", encoding: .utf8)
    }

    @Test("what the guide shows is what the example is")
    func sameCode() throws {
        let sources = try contents("AcmeAuthentication.swift") + contents("Main.swift")
        let shown = try blocks("swift")
        #expect(shown.count == 5)
        for block in shown { #expect(sources.contains(block), "\(block)") }
        for name in ["providers.d/acme.yaml", "tools.d/acme.yaml"] {
            let block = try #require(try blocks("yaml \(name)").first)
            #expect(try contents("config/\(name)").contains(block), "\(name)")
        }
    }

    @Test("the package that it has the reader write is one")
    func manifest() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(try #require(try blocks("swift package").first), to: "Package.swift")
        let process = try ChildProcess("swift", ["package", "--package-path", directory.path, "dump-package"])
        #expect(await process.waitForExit(within: .seconds(120)) == .code(0), "\(process.standardError)")
        #expect(process.standardOutput.contains("ToolAuthDaemon"))
    }

    @Test("a user connects, tokens are refreshed, and what is not signed is refused")
    func running() async throws {
        let provider = try ChildProcess("python3", ["\(repositoryRoot)/Tests/Support/acme", "the-signing-key"])
        #expect(await eventually { provider.standardOutput.hasSuffix("\n") })
        let address = String(provider.standardOutput.dropLast())
        let tool = try contents("config/tools.d/acme.yaml")
        let daemon = try await DaemonProcess(
            [
                "acme-secret": "the-signing-key\n",
                "providers.d/acme.yaml": try contents("config/providers.d/acme.yaml"),
                "tools.d/acme.yaml": tool + "  connection: {api: \"\(address)\"}\n  allow_http_loopback: true\n",
            ], program: "example-custom-tool")
        _ = try await daemon.client.callback(url: try await consent(daemon))
        let first = try await daemon.client.token(toolID: acme, userID: alice)
        #expect(first.accessToken.hasPrefix("access-"))
        #expect(try await daemon.client.refresh(toolID: acme, userID: alice).status == "healthy")
        let second = try await daemon.client.token(toolID: acme, userID: alice)
        #expect(second.accessToken.hasPrefix("access-") && second.accessToken != first.accessToken)
        await daemon.stop()

        // toolauthd itself knows the document and not the class: nothing it sends is signed.
        let plain = try await DaemonProcess([:], in: daemon.directory)
        let callback = try await consent(plain)
        let problem = await plain.problem { client throws(ToolAuthClientError) in
            try await client.callback(url: callback)
        }
        #expect(problem == "provider-error")
        #expect(try await plain.client.record(toolID: acme, userID: alice).status == "healthy")
        await plain.stop()
        await provider.end()
    }

    @Test("without the provider's document the program says that its type is never asked")
    func withoutDocument() async throws {
        let directory = try TemporaryDirectory()
        try DaemonProcess.write(["toolauthd.yaml": Configurations.daemon], to: directory)
        let check = try DaemonProcess.spawn("example-custom-tool", in: directory, ["--check"])
        #expect(await check.waitForExit() == .code(0))
        #expect(
            check.standardOutput.contains(
                "acme: this program brings its own authentication for a provider of this name"),
            "\(check.standardOutput)")
    }

    /// Where alice's browser is sent once she has consented.
    private func consent(_ daemon: DaemonProcess) async throws -> String {
        let flow = try await daemon.client.authorize(toolID: acme, userID: alice)
        let url = try #require(URLComponents(string: flow.authURL))
        let reply = try await LoopbackHTTP.send(
            "GET", port: UInt16(try #require(url.port)),
            target: "\(url.percentEncodedPath)?\(url.percentEncodedQuery ?? "")")
        let location = reply.head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("location: ") }
        return String(try #require(location).dropFirst("location: ".count))
    }
}
