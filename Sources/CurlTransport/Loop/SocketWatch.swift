import CCurl
import Dispatch
import Glibc

/// Dispatch sources for one of libcurl's sockets. Used on the loop's queue only.
///
/// Each source watches a duplicate of the descriptor that is its own, and is closed when the source is cancelled and
/// gone. A descriptor must not be closed under a source, and libcurl closes its own when it likes, some of them without
/// asking; and Dispatch on Linux loses events where a source for reading and one for writing overlap on one descriptor.
final class SocketWatch {
    private let socket: curl_socket_t
    private let queue: DispatchQueue
    private let closing: DispatchGroup
    private let onReady: @Sendable (_ events: Int32) -> Void
    private var reading: (any DispatchSourceProtocol)?
    private var writing: (any DispatchSourceProtocol)?

    /// - Parameters:
    ///   - closing: entered for each duplicate until it is closed.
    ///   - onReady: called on `queue` with `CURL_CSELECT_IN` or `CURL_CSELECT_OUT`, again and again while it is so.
    init(
        _ socket: curl_socket_t, on queue: DispatchQueue, closing: DispatchGroup,
        onReady: @escaping @Sendable (_ events: Int32) -> Void
    ) {
        self.socket = socket
        self.queue = queue
        self.closing = closing
        self.onReady = onReady
    }

    /// Watches for these events and no others.
    ///
    /// - Parameter poll: one of libcurl's `CURL_POLL_…`.
    /// - Returns: false when there is no descriptor left for a duplicate.
    func want(_ poll: Int32) -> Bool {
        let wantsRead = poll == CURL_POLL_IN || poll == CURL_POLL_INOUT
        let wantsWrite = poll == CURL_POLL_OUT || poll == CURL_POLL_INOUT
        if wantsRead != (reading != nil) {
            reading?.cancel()
            reading = wantsRead ? makeSource(CURL_CSELECT_IN) : nil
        }
        if wantsWrite != (writing != nil) {
            writing?.cancel()
            writing = wantsWrite ? makeSource(CURL_CSELECT_OUT) : nil
        }
        return wantsRead == (reading != nil) && wantsWrite == (writing != nil)
    }

    /// No handler runs afterwards.
    func cancel() {
        reading?.cancel()
        writing?.cancel()
        (reading, writing) = (nil, nil)
    }

    private func makeSource(_ event: Int32) -> (any DispatchSourceProtocol)? {
        guard let descriptor = OwnedDescriptor(duplicating: socket, closing: closing) else { return nil }
        let source: any DispatchSourceProtocol =
            event == CURL_CSELECT_IN
            ? DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: queue)
            : DispatchSource.makeWriteSource(fileDescriptor: descriptor.number, queue: queue)
        let onReady = onReady
        source.setEventHandler { onReady(event) }
        source.setCancelHandler { withExtendedLifetime(descriptor) {} }
        source.resume()
        return source
    }
}

/// A descriptor that is closed when nobody refers to it any more.
private final class OwnedDescriptor: Sendable {
    let number: Int32
    private let closing: DispatchGroup

    init?(duplicating original: Int32, closing: DispatchGroup) {
        number = fcntl(original, F_DUPFD_CLOEXEC, 0)
        self.closing = closing
        if number < 0 { return nil }
        closing.enter()
    }

    deinit {
        // Negative after a failed initialization.
        guard number >= 0 else { return }
        close(number)
        closing.leave()
    }
}
