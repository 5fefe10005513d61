import Glibc

/// A connected Unix stream socket; closed with its last reference.
///
/// All its methods block the calling thread until they are done, the deadline passes or the call is cancelled. Used by
/// one thread at a time.
final class UnixConnection: Sendable {
    private let descriptor: Int32

    /// Connects to the socket at `path`.
    init(path: String, deadline: CallDeadline, cancellation: CallCancellation) throws(SocketFailure) {
        var address = try Self.address(of: path)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { throw .system(errno) }
        while true {
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            let error = result == 0 ? 0 : errno
            switch error {
            case 0, EISCONN: return
            case EINTR: continue
            // The backlog is full. The kernel tells nobody when it no longer is, so look again a little later.
            case EAGAIN: try Self.pause(milliseconds: 10, deadline: deadline, cancellation: cancellation)
            default: throw .system(error)
            }
        }
    }

    deinit { close(descriptor) }

    /// Sends `bytes`, or as many as go before the peer closes or begins to answer: then what it has to say comes first.
    ///
    /// - Returns: whether all of them went.
    func send(_ bytes: [UInt8], deadline: CallDeadline, cancellation: CallCancellation) throws(SocketFailure) -> Bool {
        var sent = 0
        let noSignal = Int32(MSG_NOSIGNAL)
        while sent < bytes.count {
            let ready = try wait(for: POLLOUT | POLLIN, deadline: deadline, cancellation: cancellation)
            if ready & Int16(POLLIN) != 0 { return false }
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, noSignal)
            }
            switch count < 0 ? errno : 0 {
            case 0: sent += count
            case EAGAIN, EINTR: break
            case EPIPE, ECONNRESET: return false
            case let error: throw .system(error)
            }
        }
        return true
    }

    /// Receives into `buffer`.
    ///
    /// - Returns: how many bytes came; 0: the peer closed.
    func receive(
        into buffer: inout [UInt8], deadline: CallDeadline, cancellation: CallCancellation
    ) throws(SocketFailure) -> Int {
        while true {
            _ = try wait(for: POLLIN, deadline: deadline, cancellation: cancellation)
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return count }
            let error = errno
            // Reset: the peer closed with bytes of ours unread.
            if error == ECONNRESET { return 0 }
            if error != EAGAIN && error != EINTR { throw .system(error) }
        }
    }

    /// Whether nothing happened on it since its last reply: neither closed, nor bytes nobody asked for.
    var isQuiet: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&entry, 1, 0) == 0
    }

    private func wait(
        for events: Int32, deadline: CallDeadline, cancellation: CallCancellation
    ) throws(SocketFailure) -> Int16 {
        try Self.poll(descriptor, events, until: deadline, cancellation)
    }

    private static func pause(
        milliseconds: Int32, deadline: CallDeadline, cancellation: CallCancellation
    ) throws(SocketFailure) {
        guard deadline.pollMilliseconds != nil else { throw .timedOut }
        var entry = pollfd(fd: cancellation.descriptor, events: Int16(POLLIN), revents: 0)
        if Glibc.poll(&entry, 1, milliseconds) > 0 { throw .cancelled }
    }

    private static func poll(
        _ descriptor: Int32, _ events: Int32, until deadline: CallDeadline, _ cancellation: CallCancellation
    ) throws(SocketFailure) -> Int16 {
        while true {
            guard let timeout = deadline.pollMilliseconds else { throw .timedOut }
            var entries = [
                pollfd(fd: cancellation.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(events), revents: 0),
            ]
            let count = Glibc.poll(&entries, 2, timeout)
            if count < 0 && errno != EINTR { throw .system(errno) }
            if count <= 0 { continue }
            if entries[0].revents != 0 { throw .cancelled }
            return entries[1].revents
        }
    }

    /// `path` as sockaddr_un takes it: at most 107 bytes, none of them NUL.
    private static func address(of path: String) throws(SocketFailure) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .system(ENAMETOOLONG) }
        guard !bytes.isEmpty, !bytes.contains(0) else { throw .system(ENOENT) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }
}
