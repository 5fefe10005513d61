import Glibc

/// A file system of its own, to be filled or made read-only. Needs the right to mount.
package final class SmallDisk: Sendable {
    package let path: String
    private let directory: TemporaryDirectory

    package static let isAvailable: Bool = {
        (try? SmallDisk(kibibytes: 64)) != nil
    }()

    package init(kibibytes: Int) throws {
        directory = try TemporaryDirectory()
        path = directory.path
        try Self.run(["mount", "-t", "tmpfs", "-o", "mode=0700,size=\(kibibytes)k", "tmpfs", path])
    }

    package func remountReadOnly() throws { try Self.run(["mount", "-o", "remount,ro", path]) }

    deinit { try? Self.run(["umount", "-l", path]) }

    private static func run(_ command: [String]) throws {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, command[0], &actions, nil, &arguments, environ)
        guard result == 0 else { throw SystemError("posix_spawnp \(command[0])", code: result) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 { guard errno == EINTR else { throw SystemError("waitpid") } }
        guard status == 0 else { throw SystemError(command.joined(separator: " "), code: EPERM) }
    }
}
