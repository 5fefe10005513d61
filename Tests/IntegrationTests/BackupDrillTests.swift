import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("The drill of the guide for backups, command by command")
struct BackupDrillTests {
    @Test("back up, lose the machine, restore on another, resume: the user's tokens go on")
    func drill() async throws {
        let provider = try await ProviderProcess()
        let places = try TemporaryDirectory()
        let first = try Machine(backups: places)
        try first.directory.write(Configurations.daemon, to: "etc/toolauthd.yaml")
        try first.directory.write(Configurations.tool("gmail", at: provider), to: "etc/tools.d/gmail.yaml")
        let start = try await first.run("systemctl start toolauthd.socket toolauthd.service")
        #expect(start.exit == .code(0), "\(start.err)")
        let gmail = toolID("gmail")
        let flow = try await first.client.authorize(toolID: gmail, userID: alice)
        _ = try await first.client.callback(url: try await provider.consent(to: flow.authURL, as: "alice"))

        let backUp = try await first.run(try guideCommands("docs/backup.md", "Back up"))
        #expect(backUp.exit == .code(0), "\(backUp.err)")
        let token = try #require(backUp.out.split(separator: "\n").first)
        #expect(backUp.out.contains("The master key is not in it"))
        // The first command of the guide, by which one is replaced every hour.
        let again = try await first.run(try guideCommands("docs/backup.md", "Backup and restore"))
        #expect(again.exit == .code(0), "\(again.err)")

        let lose = try await first.run(try guideCommands("docs/backup.md", "Lose the machine"))
        #expect(lose.exit == .code(0), "\(lose.err)")
        #expect(access(first.directory.file("state"), F_OK) != 0)

        // It was installed, and has been started: it has a store and a key of its own.
        let second = try Machine(backups: places)
        try second.directory.write("", to: "etc/toolauthd.yaml")
        let started = try await second.run("systemctl start toolauthd.socket toolauthd.service")
        #expect(started.exit == .code(0), "\(started.err)")
        let restore = try await second.run(try guideCommands("docs/backup.md", "Restore on another machine"))
        #expect(restore.exit == .code(0), "\(restore.err)\(restore.out)")
        #expect(restore.out.contains("1 grant"))
        #expect(restore.out.contains("held: the store was restored from a backup"), "\(restore.out)")

        let goOn = try guideCommands("docs/backup.md", "Go on").split(separator: "\n").map(String.init)
        #expect(goOn.count == 5)
        let held = try await second.run(goOn[..<2].joined(separator: "\n"))
        #expect(held.exit == .code(0), "\(held.err)")
        #expect(held.out.contains("restored from a backup"), "\(held.out)")
        #expect(held.out.split(separator: "\n").last == token)
        #expect(try await second.run(goOn[3]).exit == .code(75), "a refresh while it is held")

        let resumed = try await second.run(goOn[2...].joined(separator: "\n"))
        #expect(resumed.exit == .code(0), "\(resumed.err)")
        let fresh = try await second.client.token(toolID: gmail, userID: alice).accessToken
        #expect(fresh != token)
        #expect(try await second.client.record(toolID: gmail, userID: alice).status == "healthy")
        let stopped = try await second.run("systemctl stop toolauthd.socket toolauthd.service")
        #expect(stopped.exit == .code(0), "\(stopped.err)")
        await provider.end()
    }
}
