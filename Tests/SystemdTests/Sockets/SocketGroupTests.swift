import Glibc
import TestSupport
import Testing

@testable import Systemd

@Suite("Socket group")
struct SocketGroupTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("the group of a socket is that of its file", .enabled(if: geteuid() == 0, "only root gives files away"))
    func ofFile() throws {
        let listener = try UnixListener.bind(
            path: directory.file("s"), mode: 0o660, group: "daemon", directoryMode: 0o755)
        defer { close(listener.descriptor) }
        #expect(SocketGroup.id(ofSocket: listener.descriptor) == GroupName.id(of: "daemon"))
    }

    @Test("a socket whose file is gone has no group")
    func gone() throws {
        let listener = try UnixListener.bind(path: directory.file("s"), mode: 0o660, group: nil, directoryMode: 0o755)
        defer { close(listener.descriptor) }
        listener.cleanUp()
        #expect(SocketGroup.id(ofSocket: listener.descriptor) == nil)
    }

    @Test("a socket without a path has no group, and what is no socket neither")
    func unnamed() {
        let (one, other) = socketPair()
        defer {
            close(one)
            close(other)
        }
        #expect(SocketGroup.id(ofSocket: one) == nil)
        #expect(SocketGroup.id(ofSocket: -1) == nil)
    }
}
