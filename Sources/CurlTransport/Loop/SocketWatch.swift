import CCurl
import Dispatch
import Glibc

/// Dispatch sources for one of libcurl's sockets. Used on the loop's queue only.
///
/// They watch a duplicate of the descriptor, which is closed when the last of them is cancelled and gone: a descriptor
/// must not be closed under a source, and libcurl closes its own when it likes, some of them without asking.
final class SocketWatch {
    private let descriptor: OwnedDescriptor
    private let queue: DispatchQueue
    private let onReady: @Sendable (_ events: Int32) -> Void
    private var reading: (any DispatchSourceRead)?
    private var writing: (any DispatchSourceWrite)?

    /// - Parameters:
    ///   - closing: left when the duplicate is closed.
    ///   - onReady: called on `queue` with `CURL_CSELECT_IN` or `CURL_CSELECT_OUT`, again and again while it is so.
    /// - Returns: nil when there is no descriptor left for the duplicate.
    init?(
        _ socket: curl_socket_t, on queue: DispatchQueue, closing: DispatchGroup,
        onReady: @escaping @Sendable (_ events: Int32) -> Void
    ) {
        guard let descriptor = OwnedDescriptor(duplicating: socket, closing: closing) else { return nil }
        self.descriptor = descriptor
        self.queue = queue
        self.onReady = onReady
    }

    /// Watches for these events and no others.
    ///
    /// - Parameter poll: one of libcurl's `CURL_POLL_…`.
    func want(_ poll: Int32) {
        let wantsRead = poll == CURL_POLL_IN || poll == CURL_POLL_INOUT
        let wantsWrite = poll == CURL_POLL_OUT || poll == CURL_POLL_INOUT
        if wantsRead != (reading != nil) {
            reading?.cancel()
            reading = wantsRead ? makeReading() : nil
        }
        if wantsWrite != (writing != nil) {
            writing?.cancel()
            writing = wantsWrite ? makeWriting() : nil
        }
    }

    /// No handler runs afterwards.
    func cancel() { want(CURL_POLL_NONE) }

    private func makeReading() -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: queue)
        let (onReady, descriptor) = (onReady, descriptor)
        source.setEventHandler { onReady(CURL_CSELECT_IN) }
        source.setCancelHandler { withExtendedLifetime(descriptor) {} }
        source.resume()
        return source
    }

    private func makeWriting() -> any DispatchSourceWrite {
        let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor.number, queue: queue)
        let (onReady, descriptor) = (onReady, descriptor)
        source.setEventHandler { onReady(CURL_CSELECT_OUT) }
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
        guard number >= 0 else { return }
        close(number)
        closing.leave()
    }
}
