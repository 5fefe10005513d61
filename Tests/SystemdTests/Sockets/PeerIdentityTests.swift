import Glibc
import TestSupport
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Peer identity")
struct PeerIdentityTests {
    @Test("the peer of a socket pair is the process that made it")
    func socketPairPeer() throws {
        let (one, other) = socketPair()
        defer {
            close(one)
            close(other)
        }
        let peer = try PeerIdentity(ofSocket: one)
        #expect(peer.pid == getpid())
        #expect(peer.uid == geteuid())
        #expect(peer.gid == getegid())
        #expect(Set(peer.groups) == Set(ownGroups()))
    }

    @Test("the peer of an accepted connection is the process that connected")
    func acceptedPeer() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let listener = try UnixListener.bind(path: directory.file("s"), mode: 0o600, group: nil, directoryMode: 0o700)
        defer { close(listener.descriptor) }
        let client = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        var address = try #require(UnixSocketAddress(listener.path))
        #expect(address.connect(client) == 0)
        let accepted = accept(listener.descriptor, nil, nil)
        defer { close(accepted) }
        #expect(try PeerIdentity(ofSocket: accepted).pid == getpid())
    }

    @Test("all groups come, however many there are, also when they do not fit at first")
    func manyGroups() async {
        await #expect(processExitsWith: .success) {
            // Only root may choose groups; elsewhere the process's own are asked for in pieces.
            let many = (1...1000).map { gid_t(70_000 + $0) }
            if geteuid() == 0 { guard setgroups(many.count, many) == 0 else { exit(1) } }
            let (one, _) = socketPair()
            let groups = try PeerIdentity(ofSocket: one).groups
            guard groups.sorted() == ownGroups().sorted() else { exit(2) }
            guard try PeerIdentity.groups(of: one, capacity: 0).sorted() == groups.sorted() else { exit(3) }
            guard try PeerIdentity.groups(of: one, capacity: 1).sorted() == groups.sorted() else { exit(4) }
            if geteuid() == 0 { guard groups.sorted() == many else { exit(5) } }
            exit(0)
        }
    }

    @Test("what is no Unix socket has no peer", arguments: [-1, 0])
    func noSocket(descriptor: CInt) {
        let file = descriptor < 0 ? descriptor : open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { if file >= 0 { close(file) } }
        let error = #expect(throws: PeerIdentity.Failure.self) { try PeerIdentity(ofSocket: file) }
        #expect(error?.errno == (descriptor < 0 ? EBADF : ENOTSOCK))
        #expect(error?.description.hasPrefix("cannot tell who connected: ") == true)
    }

    @Test("a socket that nobody connected has no peer")
    func unconnected() {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let error = #expect(throws: PeerIdentity.Failure.self) { try PeerIdentity(ofSocket: descriptor) }
        #expect(error?.errno == ENOTCONN)
    }

    @Test(
        "membership counts the first group and the supplementary ones", arguments: [(5, true), (7, true), (6, false)])
    func membership(group: UInt32, isMember: Bool) {
        let peer = PeerIdentity(pid: 1, uid: 1, gid: 5, groups: [7, 8])
        #expect(peer.isMember(ofGroup: group) == isMember)
    }

    @Test("the unit of a process that connected and ended cannot be told, and that of one that runs can")
    func endedPeer() async throws {
        let directory = try TemporaryDirectory()
        let listener = try UnixListener.bind(path: directory.file("s"), mode: 0o600, group: nil, directoryMode: 0o700)
        defer { close(listener.descriptor) }
        let path = listener.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let client = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
            guard var address = UnixSocketAddress(path), address.connect(client) == 0 else { exit(1) }
            exit(0)
        }
        let ended = accept(listener.descriptor, nil, nil)
        defer { close(ended) }
        let identity = try PeerIdentity(ofSocket: ended)
        #expect(identity.uid == geteuid())
        #expect(identity.unit == .unknown)

        let (one, other) = socketPair()
        defer {
            close(one)
            close(other)
        }
        #expect(try PeerIdentity(ofSocket: one).unit != .unknown)
    }
}

private func ownGroups() -> [gid_t] {
    var groups = [gid_t](repeating: 0, count: 65_536)
    let count = getgroups(CInt(groups.count), &groups)
    return Array(groups.prefix(Int(count)))
}
