import Glibc
import ToolAuthCore

/// A program started by a test. Its standard input is a pipe, closed when this object goes.
final class ChildProcess: Sendable {
    private let pid: pid_t
    private let input: Int32
    private let output: Int32
    private let isDone = Locked(false)
    /// Held while a child starts, and while a descriptor is open that is not marked yet as not to be inherited: a child
    /// that has another's pipe, or a server's connection, would keep it from closing.
    static let starting = Locked(0)

    /// - Parameter arguments: the program, found along PATH, and its arguments.
    init(_ arguments: [String]) {
        (pid, input, output) = Self.starting.withLock { _ in Self.start(arguments) }
    }

    private static func start(_ arguments: [String]) -> (pid: pid_t, input: Int32, output: Int32) {
        var inputs: [Int32] = [0, 0]
        var outputs: [Int32] = [0, 0]
        precondition(pipe(&inputs) == 0 && pipe(&outputs) == 0)
        for end in inputs + outputs { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, inputs[0], 0)
        posix_spawn_file_actions_adddup2(&actions, outputs[1], 1)
        posix_spawn_file_actions_adddup2(&actions, outputs[1], 2)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var pid: pid_t = 0
        let status = posix_spawnp(&pid, arguments[0], &actions, nil, &argv, environ)
        for argument in argv { free(argument) }
        posix_spawn_file_actions_destroy(&actions)
        close(inputs[0])
        close(outputs[1])
        precondition(status == 0, "cannot start \(arguments[0])")
        return (pid, inputs[1], outputs[0])
    }

    /// The next line of its output; what there is of it at the end.
    func readLine() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != 0x0a { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Waits for its end.
    ///
    /// - Returns: its exit status and all it wrote.
    func finish() -> (status: Int32, output: String) {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = read(output, &part, part.count), count > 0 { all += part[..<count] }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        isDone.withLock { $0 = true }
        return (status >> 8 & 0xff, String(decoding: all, as: UTF8.self))
    }

    deinit {
        close(input)
        if !isDone.withLock({ $0 }) {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        close(output)
    }

    /// Runs a program to its end, which must be a success.
    static func run(_ arguments: [String]) {
        let result = ChildProcess(arguments).finish()
        precondition(result.status == 0, "\(arguments.joined(separator: " ")): \(result.output)")
    }
}
