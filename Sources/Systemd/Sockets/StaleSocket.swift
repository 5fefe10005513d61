import Glibc

/// Socket files whose daemon is gone.
enum StaleSocket {
    /// Removes the socket file at `path` if nobody listens there.
    ///
    /// - Throws: `inUse` if someone does; `occupied` if it is no stream socket: nothing is removed then.
    static func remove(_ path: String, _ address: inout UnixSocketAddress) throws(ListenError) {
        guard let file = FileIdentity(path) else {
            if errno == ENOENT { return }
            throw UnixListener.failure("cannot look at \(path)")
        }
        guard file.isSocket else {
            throw ListenError(.occupied, "\(path) is not a socket and is left alone; remove it or choose another path")
        }
        let probe = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw UnixListener.failure("cannot make a socket") }
        defer { close(probe) }
        if address.connect(probe) == 0 { throw inUse(path) }
        switch errno {
        case ECONNREFUSED:
            guard unlink(path) == 0 || errno == ENOENT else {
                throw UnixListener.failure("cannot remove the stale socket \(path)")
            }
        case ENOENT: break
        // Its backlog is full, but it listens.
        case EAGAIN: throw inUse(path)
        case EPROTOTYPE:
            throw ListenError(.occupied, "\(path) is a socket of another kind and is left alone; choose another path")
        default: throw UnixListener.failure("cannot tell whether a daemon listens at \(path)")
        }
    }

    private static func inUse(_ path: String) -> ListenError {
        ListenError(.inUse, "another daemon is listening at \(path); stop it, or choose another path")
    }
}
