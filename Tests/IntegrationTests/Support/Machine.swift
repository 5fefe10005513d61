import FoundationEssentials
import Glibc
import TestSupport
import Testing
import ToolAuthClient

/// A machine: its directories, and a `systemctl` that starts and stops its one service, with the credential that lies in its
/// store of credentials.
final class Machine: Sendable {
    let directory: TemporaryDirectory
    let safe: TemporaryDirectory

    /// - Parameter safe: where its administrator keeps what must outlive it.
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

    /// Starts and stops what the units name, and returns when it serves or has ended. As LoadCredentialEncrypted= does, it
    /// decrypts the credential anew at each start.
    private static let systemctl = """
        #!/bin/bash
        set -euo pipefail
        case ${*:2} in
        "toolauthd.socket toolauthd.service" | toolauthd.service) ;;
        *) exit 5 ;;
        esac
        start() {
            rm -rf "$MACHINE/credentials"
            if [ -e "$MACHINE/credstore.encrypted/toolauthd.key" ]; then
                mkdir -m 0700 "$MACHINE/credentials"
                export CREDENTIALS_DIRECTORY=$MACHINE/credentials
                systemd-creds decrypt --name=toolauthd.key "$MACHINE/credstore.encrypted/toolauthd.key" \
                    "$CREDENTIALS_DIRECTORY/toolauthd.key"
            fi
            toolauthd --socket "$TOOLAUTH_SOCKET" >>"$MACHINE/log" 2>&1 &
            echo $! >"$MACHINE/pid"
            for _ in $(seq 400); do toolauthctl status >/dev/null 2>&1 && return; sleep 0.05; done
            return 1
        }
        stop() {
            pid=$(cat "$MACHINE/pid") && kill "$pid"
            while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
        }
        case $1 in
        start) start ;;
        stop) stop ;;
        restart) stop && start ;;
        *) exit 5 ;;
        esac
        """

    /// Runs commands as an administrator of the machine would.
    func run(_ commands: String) async throws -> (exit: ChildProcess.Exit?, out: String, err: String) {
        let commands =
            commands
            .replacing("/var/lib/toolauthd", with: directory.file("state"))
            .replacing("/etc/toolauthd", with: directory.file("etc"))
            .replacing("/etc/credstore.encrypted", with: directory.file("credstore.encrypted"))
            .replacing("/mnt/", with: safe.path + "/")
        let process = try ChildProcess(
            "bash", ["-euo", "pipefail", "-c", commands],
            environment: [
                "PATH": "\(directory.file("bin")):\(DaemonProcess.programs):/usr/bin:/bin",
                "MACHINE": directory.path, "TOOLAUTH_SOCKET": directory.file("run/api.sock"),
                "STATE_DIRECTORY": directory.file("state"), "CONFIGURATION_DIRECTORY": directory.file("etc"),
                // The machine's own key, by which systemd-creds encrypts.
                "SYSTEMD_CREDENTIAL_SECRET": directory.file("credential.secret"),
                "NOTIFY_SOCKET": nil, "LISTEN_FDS": nil, "JOURNAL_STREAM": nil, "CREDENTIALS_DIRECTORY": nil,
            ])
        let exit = await process.waitForExit(within: .seconds(60))
        return (exit, process.standardOutput, process.standardError)
    }

    var client: ToolAuthClient { ToolAuthClient(socketPath: directory.file("run/api.sock")) }
}

/// The commands under a heading of a guide.
func guideCommands(_ guide: String, _ heading: String) throws -> String {
    let guide = try String(contentsOfFile: "\(repositoryRoot)/\(guide)", encoding: .utf8)
    var isInside = false
    let lines = guide.split(separator: "\n").compactMap { line -> String? in
        if line.hasPrefix("#") { isInside = line.drop { $0 == "#" } == " \(heading)" }
        return isInside && line.hasPrefix("    ") ? String(line.dropFirst(4)) : nil
    }
    #expect(!lines.isEmpty, "\(heading) has no commands")
    return lines.joined(separator: "\n")
}
