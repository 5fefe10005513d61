import Glibc

/// Programs that the person names: started with a token or an event, never with either on their command line, which other
/// users of the machine can read.
package enum ChildProcess {
    /// Why a program could not be started.
    struct Failure: Error {
        let program: String
        let errno: Int32

        var asCommandFailure: CommandFailure {
            CommandFailure(errno == ENOENT ? .unknown : .usage, "\(program): \(String(cString: strerror(errno)))")
        }
    }

    /// Becomes the program, which is looked for in `PATH`.
    ///
    /// - Parameter variables: set in its environment beside our own.
    /// - Returns: only if it could not.
    static func become(_ arguments: [String], setting variables: [String: String]) -> Failure {
        for (name, value) in variables { setenv(name, value, 1) }
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        execvp(arguments[0], &pointers)
        return Failure(program: arguments[0], errno: errno)
    }

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - input: what it reads from standard input.
    ///   - variables: set in its environment beside our own.
    /// - Returns: its exit status; 128 and the signal's number where one ended it.
    static func run(
        _ arguments: [String], input: [UInt8], setting variables: [String: String]
    ) throws(Failure) -> Int32 {
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw Failure(program: arguments[0], errno: errno) }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe[0], STDIN_FILENO)
        let argv = CStrings(arguments)
        let envp = CStrings(environment(setting: variables))
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, arguments[0], &actions, nil, argv.pointers, envp.pointers)
        close(pipe[0])
        guard result == 0 else {
            close(pipe[1])
            throw Failure(program: arguments[0], errno: result)
        }
        write(input, to: pipe[1])
        close(pipe[1])
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    private static func environment(setting variables: [String: String]) -> [String] {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let name = text.prefix { $0 != "=" }
            if variables[String(name)] == nil { entries.append(text) }
            next += 1
        }
        return entries + variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    /// A program that does not read what it is given loses it: its pipe breaks, and the signal for that is not for us.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        let former = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, former) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
        }
    }
}

/// A list of C strings with a nil at its end, as exec(3) takes it.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
        pointers[count] = nil
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
