import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import Testing
import ToolAuthClient
import ToolAuthCore

@Suite("The drill of the guide for backups, command by command")
struct BackupDrillTests {
    /// A machine: its directories, and a `systemctl` that starts and stops its one service.
    private final class Machine: Sendable {
        let directory: TemporaryDirectory
        let safe: TemporaryDirectory

        init(backups safe: TemporaryDirectory) throws {
            directory = try TemporaryDirectory()
            self.safe = safe
            for name in ["etc", "run"] { mkdir(directory.file(name), 0o755) }
            mkdir(directory.file("state"), 0o700)
            for name in ["backup", "safe"] { mkdir(safe.file(name), 0o700) }
            let systemctl = try directory.write(Self.systemctl, to: "bin/systemctl")
            chmod(systemctl, 0o755)
        }

        deinit {
            // What a test that failed halfway left running.
            guard let pid = directory.read("pid").flatMap({ Int32($0.dropLast()) }) else { return }
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe")
            if program == "\(DaemonProcess.programs)/toolauthd" { kill(pid, SIGKILL) }
        }

        /// Starts and stops what the units name, and returns when it serves or has ended.
        private static let systemctl = """
            #!/bin/bash
            set -euo pipefail
            [ "${*:2}" = "toolauthd.socket toolauthd.service" ]
            case $1 in
            start)
                toolauthd --socket "$TOOLAUTH_SOCKET" >>"$MACHINE/log" 2>&1 &
                echo $! >"$MACHINE/pid"
                for _ in $(seq 400); do toolauthctl status >/dev/null 2>&1 && exit; sleep 0.05; done
                exit 1 ;;
            stop)
                pid=$(cat "$MACHINE/pid") && kill "$pid"
                while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done ;;
            esac
            """

        /// Runs commands as an administrator of the machine would.
        func run(_ commands: String) async throws -> (exit: ChildProcess.Exit?, out: String, err: String) {
            let commands =
                commands
                .replacing("/var/lib/toolauthd", with: directory.file("state"))
                .replacing("/etc/toolauthd", with: directory.file("etc"))
                .replacing("/mnt/", with: safe.path + "/")
            let process = try ChildProcess(
                "bash", ["-euo", "pipefail", "-c", commands],
                environment: [
                    "PATH": "\(directory.file("bin")):\(DaemonProcess.programs):/usr/bin:/bin",
                    "MACHINE": directory.path, "TOOLAUTH_SOCKET": directory.file("run/api.sock"),
                    "STATE_DIRECTORY": directory.file("state"), "CONFIGURATION_DIRECTORY": directory.file("etc"),
                    "NOTIFY_SOCKET": nil, "LISTEN_FDS": nil, "JOURNAL_STREAM": nil, "CREDENTIALS_DIRECTORY": nil,
                ])
            let exit = await process.waitForExit(within: .seconds(60))
            return (exit, process.standardOutput, process.standardError)
        }

        var client: ToolAuthClient { ToolAuthClient(socketPath: directory.file("run/api.sock")) }
    }

    /// The commands under a heading of the guide.
    private func commands(_ heading: String) throws -> String {
        let guide = try String(contentsOfFile: "\(repositoryRoot)/docs/backup.md", encoding: .utf8)
        var isInside = false
        let lines = guide.split(separator: "\n").compactMap { line -> String? in
            if line.hasPrefix("#") { isInside = line.drop { $0 == "#" } == " \(heading)" }
            return isInside && line.hasPrefix("    ") ? String(line.dropFirst(4)) : nil
        }
        #expect(!lines.isEmpty, "\(heading) has no commands")
        return lines.joined(separator: "\n")
    }

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

        let backUp = try await first.run(try commands("Back up"))
        #expect(backUp.exit == .code(0), "\(backUp.err)")
        let token = try #require(backUp.out.split(separator: "\n").first)
        #expect(backUp.out.contains("The master key is not in it"))
        // The first command of the guide, which replaces what is there.
        let again = try await first.run(try commands("Backup and restore"))
        #expect(again.exit == .code(0), "\(again.err)")

        let lose = try await first.run(try commands("Lose the machine"))
        #expect(lose.exit == .code(0), "\(lose.err)")
        #expect(access(first.directory.file("state"), F_OK) != 0)

        // It was installed, and has been started: it has a store and a key of its own.
        let second = try Machine(backups: places)
        try second.directory.write("", to: "etc/toolauthd.yaml")
        let started = try await second.run("systemctl start toolauthd.socket toolauthd.service")
        #expect(started.exit == .code(0), "\(started.err)")
        let restore = try await second.run(try commands("Restore on another machine"))
        #expect(restore.exit == .code(0), "\(restore.err)\(restore.out)")
        #expect(restore.out.contains("1 grant"))
        #expect(restore.out.contains("held: the store was restored from a backup"), "\(restore.out)")

        let goOn = try commands("Go on").split(separator: "\n").map(String.init)
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
