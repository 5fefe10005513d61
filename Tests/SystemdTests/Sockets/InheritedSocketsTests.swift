import Glibc
import TestSupport
import Testing

@testable import Systemd

@Suite("Inherited sockets")
struct InheritedSocketsTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("sockets are sorted by their names")
    func byName() throws {
        let (api, other) = (unix(directory.file("a")), unix(directory.file("b")))
        let (tcp, tcp6) = (inet(AF_INET), inet(AF_INET6))
        defer { for descriptor in [api, other, tcp, tcp6] { close(descriptor) } }
        let sockets = try InheritedSockets([(api, "api"), (tcp, "callback"), (other, "api"), (tcp6, "callback")])
        #expect(sockets.api == [api, other])
        #expect(sockets.callback == [tcp, tcp6])
        #expect(!sockets.isEmpty)
    }

    @Test("without sockets there are none")
    func none() throws {
        #expect(try InheritedSockets([]).isEmpty)
    }

    @Test("unknown names are refused, all of them named")
    func unknownNames() {
        let descriptor = unix(directory.file("a"))
        defer { close(descriptor) }
        let error = #expect(throws: ListenError.self) {
            try InheritedSockets([(descriptor, "toolauthd.socket"), (descriptor, "api"), (descriptor, "")])
        }
        #expect(error?.code == .unexpectedSocket)
        #expect(error?.detail.contains("named “toolauthd.socket”") == true)
        #expect(error?.detail.contains("without a name") == true)
        #expect(error?.detail.contains("FileDescriptorName=") == true)
    }

    private enum Kind: CaseIterable {
        case unixStream, unixNotListening, unixDatagram, inet, inet6, inetNotListening, file

        var mayBeAPI: Bool { self == .unixStream }
        var mayBeCallback: Bool { self == .inet || self == .inet6 }
    }

    @Test("a socket that is not what its name says is refused", arguments: Kind.allCases)
    private func kinds(kind: Kind) {
        let descriptor =
            switch kind {
            case .unixStream: unix(directory.file("s"))
            case .unixNotListening: unix(directory.file("s"), listening: false)
            case .unixDatagram: unix(directory.file("s"), type: SOCK_DGRAM, listening: false)
            case .inet: inet(AF_INET)
            case .inet6: inet(AF_INET6)
            case .inetNotListening: inet(AF_INET, listening: false)
            case .file: open("/dev/null", O_RDONLY | O_CLOEXEC)
            }
        defer { close(descriptor) }
        for (name, fits) in [("api", kind.mayBeAPI), ("callback", kind.mayBeCallback)] {
            if fits {
                #expect(throws: Never.self) { try InheritedSockets([(descriptor, name)]) }
            } else {
                let error = #expect(throws: ListenError.self) { try InheritedSockets([(descriptor, name)]) }
                #expect(error?.detail.contains("the socket named “\(name)” (\(descriptor)) is not a listening") == true)
            }
        }
    }

    @Test("they are taken over once, and neither children nor a second call get them")
    func taken() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let listener = unix(directory.file("api"))
            // Past the descriptors of the test runner's own that may lie at 3.
            guard dup2(listener, 3) == 3 else { exit(1) }
            setenv("LISTEN_PID", String(getpid()), 1)
            setenv("LISTEN_FDS", "1", 1)
            setenv("LISTEN_FDNAMES", "api", 1)
            let first = try InheritedSockets.take()
            guard first.api == [3] else { exit(2) }
            guard fcntl(3, F_GETFD) & FD_CLOEXEC != 0 else { exit(3) }
            guard getenv("LISTEN_FDS") == nil, getenv("LISTEN_PID") == nil, getenv("LISTEN_FDNAMES") == nil
            else { exit(4) }
            guard try InheritedSockets.take().isEmpty else { exit(5) }
            directory.remove()
            exit(0)
        }
    }

    @Test("sockets meant for another process are not taken")
    func otherProcess() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_PID", "1", 1)
            setenv("LISTEN_FDS", "1", 1)
            exit(try InheritedSockets.take().isEmpty ? 0 : 1)
        }
    }

    @Test("an environment that makes no sense is refused")
    func nonsense() async {
        await #expect(processExitsWith: .success) {
            setenv("LISTEN_PID", String(getpid()), 1)
            setenv("LISTEN_FDS", "many", 1)
            do {
                _ = try InheritedSockets.take()
                exit(1)
            } catch let error as ListenError {
                exit(error.detail.contains("Invalid argument") ? 0 : 2)
            }
        }
    }
}

private func unix(_ path: String, type: __socket_type = SOCK_STREAM, listening: Bool = true) -> CInt {
    let descriptor = socket(AF_UNIX, CInt(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard var address = UnixSocketAddress(path) else { preconditionFailure(path) }
    precondition(address.bindPrivately(descriptor) == 0)
    if listening { precondition(listen(descriptor, 1) == 0) }
    return descriptor
}

private func inet(_ family: CInt, listening: Bool = true) -> CInt {
    let descriptor = socket(family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    // Port 0 of the loopback address.
    if family == AF_INET {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        precondition(bindAny(descriptor, &address) == 0)
    } else {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        precondition(bindAny(descriptor, &address) == 0)
    }
    if listening { precondition(listen(descriptor, 1) == 0) }
    return descriptor
}

private func bindAny<Address>(_ descriptor: CInt, _ address: inout Address) -> CInt {
    withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
        }
    }
}
