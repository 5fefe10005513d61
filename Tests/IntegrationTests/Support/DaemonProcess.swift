import FoundationEssentials
import Glibc
import SocketAPI
import TestSupport
import ToolAuthClient
import ToolAuthCore

/// The real daemon in a process of its own, with a configuration and a state directory that go with it.
final class DaemonProcess: Sendable {
    struct StartFailure: Error, CustomStringConvertible {
        let description: String
    }

    let directory: TemporaryDirectory
    let process: ChildProcess
    var client: ToolAuthClient { ToolAuthClient(socketPath: socketPath) }
    var socketPath: String { directory.file("api.sock") }
    var stateDirectory: String { directory.file("state") }

    /// Where the build put the programs, beside the tests.
    static let programs: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return tests.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
    }()

    /// Starts one and waits until it serves.
    ///
    /// - Parameters:
    ///   - files: name in the configuration directory → content.
    ///   - directory: that of a daemon that has ended, to go on with its state; nil: a new one.
    ///   - program: one that was built, and takes the command line of toolauthd.
    init(
        _ files: [String: String], in directory: TemporaryDirectory? = nil, program: String = "toolauthd"
    ) async throws {
        self.directory = try directory ?? TemporaryDirectory()
        try Self.write(files, to: self.directory)
        process = try Self.spawn(program, in: self.directory)
        let serves = await eventually { await self.isServing || self.process.exit != nil }
        guard serves, process.exit == nil else {
            throw StartFailure(description: "the daemon does not serve: \(process.standardError)")
        }
    }

    /// Starts one that is expected to end by itself.
    static func expectingExit(
        _ files: [String: String] = [:], in directory: TemporaryDirectory, arguments: [String] = []
    ) async throws -> (code: ChildProcess.Exit?, said: String) {
        try write(files, to: directory)
        let process = try spawn(in: directory, arguments)
        let exit = await process.waitForExit()
        await process.end()
        return (exit, process.standardError + process.standardOutput)
    }

    static func write(_ files: [String: String], to directory: TemporaryDirectory) throws {
        for subdirectory in ["config", "config/tools.d", "config/providers.d"] {
            mkdir(directory.file(subdirectory), 0o755)
        }
        for (name, content) in files { try directory.write(content, to: "config/\(name)") }
    }

    /// Starts one, and does not wait for it.
    static func spawn(
        _ program: String = "toolauthd", in directory: TemporaryDirectory, _ arguments: [String] = []
    ) throws -> ChildProcess {
        try ChildProcess(
            "\(programs)/\(program)",
            [
                "--config", directory.file("config"), "--state-dir", directory.file("state"), "--socket",
                directory.file("api.sock"), "--catalogue", "\(repositoryRoot)/etc/toolauthd/providers.d",
            ] + arguments,
            environment: ["NOTIFY_SOCKET": nil, "LISTEN_FDS": nil, "JOURNAL_STREAM": nil])
    }

    private var isServing: Bool {
        get async { (try? await client.health().status) == "ok" }
    }

    /// Ends it in good order.
    @discardableResult
    func stop() async -> ChildProcess.Exit? {
        process.send(signal: SIGTERM)
        return await process.waitForExit(within: .seconds(40))
    }

    /// Ends it as a power cut would, except for what the kernel holds.
    func kill() async {
        process.send(signal: SIGKILL)
        _ = await process.waitForExit()
    }

    /// An answer of the API, byte for byte.
    func curl(_ arguments: String..., target: String) async throws -> (status: Int, body: String) {
        let process = try ChildProcess(
            "curl",
            [
                "--silent", "--show-error", "--max-time", "20", "--unix-socket", socketPath, "--path-as-is",
                "--write-out", "\n%{http_code}",
            ]
                + arguments + ["http://localhost\(target)"])
        _ = await process.waitForExit()
        var lines = process.standardOutput.split(separator: "\n", omittingEmptySubsequences: false)
        let status = lines.popLast().flatMap { Int($0) } ?? 0
        await process.end()
        return (status, lines.joined(separator: "\n"))
    }
}
