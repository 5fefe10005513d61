import FoundationEssentials
package import Glibc
import ToolAuthCore

/// A program started by a test. It ends, at the latest, with the last reference to this object.
///
/// Its standard input is a pipe that stays open until ``closeInput()``; what it prints goes to files and is read from
/// there, so that it never waits for a reader.
package final class ChildProcess: Sendable {
    package enum Exit: Sendable, Equatable {
        case code(Int32)
        case signal(Int32)
    }

    private struct State {
        var input: Int32?
        var exit: Exit?
    }

    package let pid: pid_t
    private let output: TemporaryDirectory
    private let state: Locked<State>

    /// - Parameters:
    ///   - executable: a path, or a name looked up in PATH.
    ///   - environment: added to the environment of the test; nil removes a variable.
    ///   - descriptors: the child's number → ours, beyond standard input, output and error.
    /// - Throws: ``SystemError``, also when there is no such program.
    package init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String?] = [:],
        descriptors: [Int32: Int32] = [:]
    ) throws {
        output = try TemporaryDirectory()
        var variables = ProcessInfo.processInfo.environment
        for (name, value) in environment { variables[name] = value }
        let child = try Self.spawn(
            executable, arguments, variables.map { "\($0)=\($1)" }, descriptors, output: output.path)
        pid = child.pid
        state = Locked(State(input: child.input))
    }

    deinit { endNow() }

    /// Everything it printed so far.
    package var standardOutput: String { output.read("stdout") ?? "" }
    package var standardError: String { output.read("stderr") ?? "" }

    /// How it ended; nil while it runs.
    package var exit: Exit? {
        state.withLock { state in
            if state.exit == nil { state.exit = reap() }
            return state.exit
        }
    }

    package func closeInput() {
        state.withLock { state in
            if let input = state.input { close(input) }
            state.input = nil
        }
    }

    /// Sends a signal, unless it ended: its pid may be another's by then.
    package func send(signal: Int32) {
        state.withLock { state in
            if state.exit == nil { state.exit = reap() }
            if state.exit == nil { kill(pid, signal) }
        }
    }

    /// Waits for its end; nil if it still runs after `limit`.
    package func waitForExit(within limit: Duration = .seconds(20)) async -> Exit? {
        _ = await eventually(within: limit) { exit != nil }
        return exit
    }

    /// Ends it politely, and by force if it does not listen.
    @discardableResult
    package func end(within limit: Duration = .seconds(20)) async -> Exit? {
        closeInput()
        send(signal: SIGTERM)
        if let exit = await waitForExit(within: limit) { return exit }
        send(signal: SIGKILL)
        return await waitForExit()
    }

    private func endNow() {
        closeInput()
        send(signal: SIGTERM)
        for _ in 0..<200 where exit == nil { usleep(10_000) }
        send(signal: SIGKILL)
        while exit == nil { usleep(1000) }
    }

    private func reap() -> Exit? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        // WIFEXITED and its kin are macros.
        return status & 0x7f == 0 ? .code((status >> 8) & 0xff) : .signal(status & 0x7f)
    }
}

// MARK: - Starting

extension ChildProcess {
    // A child started between pipe() and fcntl() would inherit the pipe and keep it open.
    private static let spawning = Locked(())

    private static func spawn(
        _ executable: String, _ arguments: [String], _ environment: [String], _ descriptors: [Int32: Int32],
        output: String
    ) throws -> (pid: pid_t, input: Int32) {
        try spawning.withLock { _ in
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw SystemError("pipe") }
            defer { close(ends[0]) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }

            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
            let flags = O_WRONLY | O_CREAT | O_APPEND
            posix_spawn_file_actions_addopen(&actions, 1, "\(output)/stdout", flags, 0o600)
            posix_spawn_file_actions_addopen(&actions, 2, "\(output)/stderr", flags, 0o600)
            for (theirs, ours) in descriptors { posix_spawn_file_actions_adddup2(&actions, ours, theirs) }

            // Whatever the test process ignores or blocks, the child does not.
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            var signals = sigset_t()
            sigemptyset(&signals)
            posix_spawnattr_setsigmask(&attributes, &signals)
            for signal in [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD] { sigaddset(&signals, signal) }
            posix_spawnattr_setsigdefault(&attributes, &signals)
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

            var pid: pid_t = 0
            let code = withCStrings([executable] + arguments) { argv in
                withCStrings(environment) { posix_spawnp(&pid, executable, &actions, &attributes, argv, $0) }
            }
            guard code == 0 else {
                close(ends[1])
                throw SystemError("cannot start \(executable)", code: code)
            }
            return (pid, ends[1])
        }
    }
}

private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
