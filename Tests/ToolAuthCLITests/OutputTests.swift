import Glibc
import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

// Testing has one of its own.
private typealias ExitStatus = ToolAuthCLI.ExitStatus

@Suite("Output that cannot be written", .timeLimit(.minutes(1)))
struct OutputTests {
    /// Runs with `output`; the first calls are answered with these, further ones are refused.
    private func run(
        _ arguments: [String], into output: Console, answers: [String]
    ) async throws -> (status: Int32, world: TestWorld, calls: Int) {
        let rest = Locked(answers)
        let server = try ScriptedServer { _ in
            rest.withLock { $0.isEmpty ? problem(403, "forbidden") : $0.removeFirst() }
        }
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        var context = world.context
        context.output = output
        return (await Program.run(arguments, in: context), world, server.requests.count)
    }

    /// Runs on a disk that is full.
    private func runOnFullDisk(
        _ arguments: [String], answers: [String]
    ) async throws -> (status: Int32, world: TestWorld, calls: Int) {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        return try await run(arguments, into: Console(descriptor: full, environment: { _ in nil }), answers: answers)
    }

    @Test(
        "is a failure, and told",
        arguments: [
            (["token", "gmail", "alice"], CommandTests.token),
            (["token", "gmail", "alice", "--json"], CommandTests.token),
            (["auths", "--json"], #"{"auths":[]}"#), (["--help"], ""),
        ])
    func failure(_ arguments: [String], _ answer: String) async throws {
        let (status, world, _) = try await runOnFullDisk(arguments, answers: [reply(200, answer)])
        #expect(status == ExitStatus.inputOutput.rawValue)
        #expect(world.errors == "Error: standard output cannot be written (No space left on device)\n")
    }

    @Test("of a command that failed is told beside its failure")
    func both() async throws {
        let answer = problem(403, "forbidden", "It is not for you.")
        let (status, world, _) = try await runOnFullDisk(["status", "--json"], answers: [answer])
        #expect(status == ExitStatus.forbidden.rawValue)
        #expect(world.errors.contains("It is not for you."))
        #expect(world.errors.contains("standard output cannot be written"))
    }

    @Test("because nobody reads it any more ends without a word, as the signal would have ended it")
    func closedPipe() async throws {
        let pipe = Console(isTerminal: false, usesColor: false, width: nil, write: { _ in }, failure: { EPIPE })
        let (status, world, _) = try await run(
            ["token", "gmail", "alice"], into: pipe, answers: [reply(200, CommandTests.token)])
        #expect(status == 128 + SIGPIPE)
        #expect(world.errors.isEmpty)
    }

    @Test("ends what would go on for ever")
    func endless() async throws {
        let text = "id: 5\nevent: reset\ndata: {}\n\n"
        let stream = reply(200, text + text)
        let events = try await runOnFullDisk(["events", "-f"], answers: [stream])
        #expect(events.status == ExitStatus.inputOutput.rawValue)
        #expect(events.calls == 1)
        let status = """
            {"version":"1","started_at":"s","uptime_seconds":1,"lag_seconds":0,"endpoints":[],"warnings":[],"tools":[]}
            """
        let top = try await runOnFullDisk(["top"], answers: [reply(200, status), reply(200, status)])
        #expect(top.status == ExitStatus.inputOutput.rawValue)
    }

    @Test("because it is closed is one: no socket comes to stand in its place")
    func closed() async {
        await #expect(processExitsWith: .success) {
            for descriptor in [STDIN_FILENO, STDOUT_FILENO] { close(descriptor) }
            StandardStreams.holdPlaces()
            let other = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard other > STDERR_FILENO else { exit(1) }
            let output = Console(descriptor: STDOUT_FILENO, environment: { _ in nil })
            output.line("lost")
            guard output.failure() == EBADF else { exit(2) }
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) < 0, errno == EBADF else { exit(3) }
        }
    }
}
