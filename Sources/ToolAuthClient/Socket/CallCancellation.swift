import Glibc

/// Wakes a call that blocks in poll(2): a descriptor that becomes readable once the call is cancelled, and stays so.
final class CallCancellation: Sendable {
    /// To be polled for reading.
    let descriptor: Int32
    private let other: Int32

    /// - Throws: where the process has no file descriptor left.
    init() throws(SocketFailure) {
        // A pair of sockets: shutting one down is an end that the other sees for good, and, unlike a write, can neither
        // block nor be too much.
        var pair: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { throw .system(errno) }
        (descriptor, other) = (pair[0], pair[1])
    }

    deinit {
        close(descriptor)
        close(other)
    }

    func cancel() {
        shutdown(other, Int32(SHUT_WR))
    }
}
