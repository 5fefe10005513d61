import Glibc

/// `sockaddr_un` with a path.
struct UnixSocketAddress {
    private var address = sockaddr_un()

    /// - Returns: nil if `path` is not absolute, has a NUL, or has more than 107 bytes.
    init?(_ path: String) {
        let bytes = Array(path.utf8)
        guard bytes.first == UInt8(ascii: "/"), !bytes.contains(0),
            bytes.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    }

    /// bind(2): 0, or -1 and errno. The socket file is its owner's alone from its first instant: it gets the mode that the
    /// socket has when it is bound, less the umask (unix(7)). To set the umask would do the same, but that belongs to all
    /// threads.
    mutating func bindPrivately(_ descriptor: CInt) -> CInt {
        guard fchmod(descriptor, 0o600) == 0 else { return -1 }
        return withPointer { Glibc.bind(descriptor, $0, $1) }
    }

    /// connect(2): 0, or -1 and errno.
    mutating func connect(_ descriptor: CInt) -> CInt {
        withPointer { pointer, length in retryingInterrupts { Glibc.connect(descriptor, pointer, length) } }
    }

    private mutating func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
