import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("The guide for keys, command by command")
struct KeysGuideTests {
    private let places: TemporaryDirectory
    private let machine: Machine
    private let gmail = toolID("gmail")

    init() throws {
        places = try TemporaryDirectory()
        machine = try Machine(backups: places)
    }

    @discardableResult
    private func run(_ commands: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let result = try await machine.run(commands)
        #expect(result.exit == .code(0), "\(result.err)\(result.out)", sourceLocation: sourceLocation)
        return result.out
    }

    private func commands(_ heading: String, key: String = "KEY") throws -> String {
        try guideCommands("docs/keys.md", heading).replacing("KEY", with: key)
    }

    private func keys() async throws -> [String] { try await machine.client.keys().keys.map(\.keyID) }

    @Test("a new key, the old one retired; the file becomes a credential, and so it goes on there")
    func guide() async throws {
        let provider = try await ProviderProcess()
        try machine.directory.write(Configurations.daemon, to: "etc/toolauthd.yaml")
        try machine.directory.write(Configurations.tool("gmail", at: provider), to: "etc/tools.d/gmail.yaml")
        try await run("systemctl start toolauthd.socket toolauthd.service")
        let flow = try await machine.client.authorize(toolID: gmail, userID: alice)
        _ = try await machine.client.callback(url: try await provider.consent(to: flow.authURL, as: "alice"))
        let first = try #require(try await keys().first)
        #expect(try await run(try commands("Master keys")).contains("From the file \(machine.directory.file("state"))"))

        let added = try await run(try commands("A new key"))
        let second = try #require(try await keys().last)
        #expect(added.contains("Sealed with \(second): 1 record."), "\(added)")
        let safe = try #require(places.read("safe/master.key"))
        #expect(safe.contains(first) && safe.contains(second))
        let retired = try await run(try commands("Retire the old one", key: first))
        #expect(retired.contains("master.key.retired"))
        #expect(try await keys() == [second])
        #expect(try await machine.client.status().warnings.contains { $0.contains("lies beside the data") })

        let move = try commands("From the file to a credential")
        #expect(move.split(separator: "\n").count == 1, "it is one command")
        try await run(move)
        #expect(access(machine.directory.file("state/master.key"), F_OK) != 0)
        #expect(try await machine.client.keys().source == "credential")
        #expect(try await !machine.client.status().warnings.contains { $0.contains("lies beside the data") })
        #expect(try await machine.run("toolauthctl keys add").exit == .code(78))

        try await run(try commands("A new key in a credential"))
        let third = try #require(try await keys().last)
        #expect(try await keys() == [second, third])
        try await run(try commands("Retire a key of a credential", key: second))
        #expect(try await keys() == [third])
        _ = try await machine.client.refresh(toolID: gmail, userID: alice)
        try await run("systemctl stop toolauthd.socket toolauthd.service")
        await provider.end()
    }

    @Test("the file is not destroyed unless the daemon has the key from the credential")
    func moveThatFails() async throws {
        try machine.directory.write(Configurations.daemon, to: "etc/toolauthd.yaml")
        try await run("systemctl start toolauthd.socket toolauthd.service")
        // As under a unit that does not load the credential.
        let deaf = try commands("From the file to a credential")
            .replacing(
                "&& systemctl restart", with: "&& rm /etc/credstore.encrypted/toolauthd.key && systemctl restart")
        #expect(try await machine.run(deaf).exit == .code(1))
        #expect(access(machine.directory.file("state/master.key"), F_OK) == 0)
        try await run("systemctl stop toolauthd.socket toolauthd.service")
    }
}
