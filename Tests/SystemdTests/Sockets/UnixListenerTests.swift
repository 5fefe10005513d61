import Glibc
import TestSupport
import Testing

@testable import Systemd

@Suite("Unix listener")
struct UnixListenerTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func bind(
        _ path: String, mode: mode_t = 0o660, group: String? = nil, directoryMode: mode_t = 0o755
    ) throws(ListenError) -> UnixListener {
        try UnixListener.bind(path: path, mode: mode, group: group, directoryMode: directoryMode)
    }

    /// - Returns: nil, or the errno.
    private func connect(_ path: String) -> CInt? {
        guard var address = UnixSocketAddress(path) else { return EINVAL }
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return address.connect(descriptor) == 0 ? nil : errno
    }

    @Test("it listens with the mode asked for", arguments: [0o600, 0o660, 0o666] as [mode_t])
    func listens(mode: mode_t) throws {
        let listener = try bind(directory.file("s"), mode: mode)
        defer { close(listener.descriptor) }
        #expect(fileMode(listener.path) == mode)
        #expect(connect(listener.path) == nil)
        #expect(fcntl(listener.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test("before its mode is set, the socket is its owner's alone, whatever the umask")
    func narrowAtFirst() async {
        await #expect(processExitsWith: .success) {
            umask(0)
            let directory = try TemporaryDirectory()
            let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            var address = UnixSocketAddress(directory.file("s"))!
            guard address.bindPrivately(descriptor) == 0 else { exit(1) }
            let mode = fileMode(directory.file("s"))
            directory.remove()
            exit(mode == 0o600 ? 0 : 2)
        }
    }

    @Test("a missing directory is made with its mode, past the umask", arguments: [0o755, 0o700] as [mode_t])
    func makesDirectory(mode: mode_t) async {
        await #expect(processExitsWith: .success) { [mode] in
            umask(0o077)
            let directory = try TemporaryDirectory()
            _ = try UnixListener.bind(path: directory.file("d/s"), mode: 0o660, group: nil, directoryMode: mode)
            let modes = (fileMode(directory.file("d")), fileMode(directory.file("d/s")))
            directory.remove()
            exit(modes == (mode, 0o660) ? 0 : 1)
        }
    }

    @Test("a directory that is there keeps its mode")
    func keepsDirectory() throws {
        let listener = try bind(directory.file("s"), directoryMode: 0o755)
        close(listener.descriptor)
        #expect(fileMode(directory.path) == 0o700)
    }

    @Test("a socket file that nobody listens at is replaced")
    func stale() throws {
        close(try bind(directory.file("s")).descriptor)
        #expect(connect(directory.file("s")) == ECONNREFUSED)
        let listener = try bind(directory.file("s"))
        defer { close(listener.descriptor) }
        #expect(connect(directory.file("s")) == nil)
    }

    @Test("a daemon that listens is left alone")
    func inUse() throws {
        let first = try bind(directory.file("s"))
        defer { close(first.descriptor) }
        let error = #expect(throws: ListenError.self) { try bind(directory.file("s")) }
        #expect(error?.code == .inUse)
        #expect(error?.detail.contains("another daemon is listening at \(directory.file("s"))") == true)
        #expect(connect(directory.file("s")) == nil)
    }

    @Test("a daemon too busy to accept is one that listens")
    func busy() throws {
        let first = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = try #require(UnixSocketAddress(directory.file("s")))
        #expect(address.bindPrivately(first) == 0 && listen(first, 0) == 0)
        let client = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        #expect(address.connect(client) == 0)
        defer {
            close(client)
            close(first)
        }
        #expect(throws: ListenError.self) { try bind(directory.file("s")) }
        #expect(fileMode(directory.file("s")) != nil)
    }

    @Test("what is no socket is left alone", arguments: ["file", "link", "directory", "datagram"])
    func occupied(kind: String) throws {
        let path = directory.file(kind == "directory" ? "d" : "s")
        let other = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
        defer { close(other) }
        switch kind {
        case "file": writeFile(path, Array("precious".utf8))
        case "link": #expect(symlink("/nowhere", path) == 0)
        case "directory": #expect(mkdir(path, 0o700) == 0)
        default:
            var address = try #require(UnixSocketAddress(path))
            #expect(address.bindPrivately(other) == 0)
        }
        let before = FileIdentity(path)
        let error = #expect(throws: ListenError.self) { try bind(path) }
        #expect(error?.code == .occupied)
        #expect(before != nil && FileIdentity(path) == before)
    }

    @Test(
        "a path that no socket can have is refused",
        arguments: ["", "relative", "/" + String(repeating: "a", count: 107), "/tmp/a\0b"])
    func badPath(path: String) {
        let error = #expect(throws: ListenError.self) { try bind(path) }
        #expect(error?.code == .badPath)
    }

    @Test("a path of 107 bytes is the longest")
    func longestPath() {
        #expect(UnixSocketAddress("/" + String(repeating: "a", count: 106)) != nil)
    }

    @Test("only the last directory is made")
    func deepPath() {
        let error = #expect(throws: ListenError.self) { try bind(directory.file("a/b/s")) }
        #expect(error?.code == .badPath)
        #expect(error?.detail.contains("cannot make the directory \(directory.file("a/b"))") == true)
    }

    @Test("an unknown group is refused before anything is made")
    func unknownGroup() {
        let error = #expect(throws: ListenError.self) { try bind(directory.file("d/s"), group: "no-such-group") }
        #expect(error?.code == .unknownGroup)
        #expect(fileMode(directory.file("d")) == nil)
    }

    @Test("the socket belongs to the group asked for", .enabled(if: geteuid() == 0, "only root gives files away"))
    func group() throws {
        let listener = try bind(directory.file("s"), group: "daemon")
        defer { close(listener.descriptor) }
        var status = stat()
        #expect(lstat(listener.path, &status) == 0)
        #expect(status.st_gid == GroupName.id(of: "daemon"))
        #expect(status.st_uid == geteuid())
        #expect(fileMode(listener.path) == 0o660)
    }

    @Test(
        "in a set-group-ID directory the socket has the group without being given to it", .enabled(if: geteuid() == 0))
    func inheritedGroup() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let daemon = GroupName.id(of: "daemon")!
            guard chown(directory.path, 65_534, daemon) == 0, chmod(directory.path, 0o2755) == 0 else { exit(1) }
            guard setgroups(0, nil) == 0, setgid(65_534) == 0, setuid(65_534) == 0 else { exit(2) }
            let listener = try UnixListener.bind(
                path: directory.file("s"), mode: 0o660, group: "daemon", directoryMode: 0o755)
            let isRight = FileIdentity(listener.path)?.group == daemon && fileMode(listener.path) == 0o660
            directory.remove()
            exit(isRight ? 0 : 3)
        }
    }

    @Test("a group that the daemon is not in is refused, and the socket removed", .enabled(if: geteuid() == 0))
    func foreignGroup() async {
        await #expect(processExitsWith: .success) {
            guard setgroups(0, nil) == 0, setgid(65_534) == 0, setuid(65_534) == 0 else { exit(1) }
            let directory = try TemporaryDirectory()
            do {
                _ = try UnixListener.bind(path: directory.file("s"), mode: 0o660, group: "root", directoryMode: 0o700)
                exit(2)
            } catch let error as ListenError {
                guard error.code == .denied, fileMode(directory.file("s")) == nil else { exit(3) }
            }
            directory.remove()
            exit(0)
        }
    }

    @Test("a directory that may not be written is a refusal that says so", .enabled(if: geteuid() == 0))
    func denied() async {
        #expect(chmod(directory.path, 0o755) == 0)
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            guard setuid(65_534) == 0 else { exit(1) }
            for path in [path + "/s", path + "/d/s"] {
                do {
                    _ = try UnixListener.bind(path: path, mode: 0o660, group: nil, directoryMode: 0o700)
                    exit(2)
                } catch let error as ListenError {
                    guard error.code == .denied, error.detail.contains("Permission denied") else { exit(3) }
                }
            }
            exit(0)
        }
    }

    @Test("cleaning up removes the socket file")
    func cleanUp() throws {
        let listener = try bind(directory.file("s"))
        defer { close(listener.descriptor) }
        listener.cleanUp()
        #expect(fileMode(directory.file("s")) == nil)
        listener.cleanUp()
    }

    @Test("cleaning up leaves the file of a successor")
    func cleanUpSuccessor() throws {
        let first = try bind(directory.file("s"))
        #expect(rename(directory.file("s"), directory.file("old")) == 0)
        let second = try bind(directory.file("s"))
        defer {
            close(first.descriptor)
            close(second.descriptor)
        }
        first.cleanUp()
        #expect(connect(directory.file("s")) == nil)
    }
}

@Suite("Group names")
struct GroupNameTests {
    @Test("a group is found by its name", arguments: [("root", 0), ("no-such-group", nil)] as [(String, gid_t?)])
    func lookup(name: String, id: gid_t?) {
        #expect(GroupName.id(of: name) == id)
    }
}
