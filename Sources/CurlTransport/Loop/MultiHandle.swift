import CCurl
import Dispatch
import ToolAuthCore

/// libcurl's multi handle with what Dispatch does for it: one timer, and a watch over its sockets. Used on the loop's
/// queue only, and closed there, never in a `deinit`.
///
/// libcurl must not be called from its own callbacks: those here only note what it wants, and return 0.
final class MultiHandle {
    /// What becomes ready, for the loop to tell libcurl.
    enum Event: Sendable {
        case timer
        /// What libcurl wanted done at once, but not in its callback.
        case turn
        case sockets
    }

    let pointer: UnsafeMutableRawPointer
    let watches: SocketWatches
    private let queue: DispatchQueue
    private let onEvent: @Sendable (Event) -> Void
    private let timer: LazyTimer
    /// Whether libcurl is to have its turn.
    private var isTurning = false
    /// Handles whose socket cannot be watched.
    private var unwatched: [UnsafeMutableRawPointer] = []

    /// - Parameter closing: entered for as long as the descriptor of the watches is open.
    init(
        _ configuration: CurlHTTPTransport.Configuration, on queue: DispatchQueue, closing: DispatchGroup,
        onEvent: @escaping @Sendable (Event) -> Void
    ) throws(LibraryError) {
        try LibraryError.check(CurlLibrary.initialized)
        guard let watches = SocketWatches(on: queue, closing: closing, onReady: { onEvent(.sockets) }) else {
            throw LibraryError(CURLE_FAILED_INIT)
        }
        guard let pointer = curl_multi_init() else {
            watches.cancel()
            throw LibraryError(CURLE_OUT_OF_MEMORY)
        }
        self.pointer = pointer
        self.watches = watches
        self.queue = queue
        self.onEvent = onEvent
        timer = LazyTimer(on: queue) { onEvent(.timer) }

        let ownPointer = Unmanaged.passUnretained(self).toOpaque()
        let results = [
            toolauth_multi_set_pointer(pointer, CURLMOPT_SOCKETDATA, ownPointer),
            toolauth_multi_set_pointer(pointer, CURLMOPT_TIMERDATA, ownPointer),
            toolauth_multi_set_socket(pointer) { easy, socket, poll, multi, _ in
                guard let multi else { return 0 }
                MultiHandle.from(multi).watch(socket, poll, for: easy)
                return 0
            },
            toolauth_multi_set_timer(pointer) { _, milliseconds, multi in
                guard let multi else { return 0 }
                MultiHandle.from(multi).wake(inMilliseconds: milliseconds)
                return 0
            },
            toolauth_multi_set_long(pointer, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)),
            toolauth_multi_set_long(
                pointer, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumConnections),
            toolauth_multi_set_long(
                pointer, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maximumConnectionsPerHost),
            toolauth_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, configuration.maximumConnections),
        ]
        guard results.allSatisfy({ $0 == CURLM_OK }) else {
            close()
            throw LibraryError(CURLE_UNKNOWN_OPTION)
        }
    }

    /// Tells libcurl what happened. Afterwards ``nextEnded()`` has the transfers that ended of it.
    func perform(_ event: Event) {
        switch event {
        case .timer:
            if timer.isTime() { act(CURL_SOCKET_TIMEOUT, 0) }
        case .turn:
            isTurning = false
            act(CURL_SOCKET_TIMEOUT, 0)
        case .sockets:
            for ready in watches.ready() where watches.isCurrent(ready) { act(ready.socket, ready.events) }
        }
    }

    private func act(_ socket: curl_socket_t, _ events: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(pointer, socket, events, &running)
    }

    /// A transfer that ended, and how; nil: no more.
    func nextEnded() -> (easy: UnsafeMutableRawPointer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(pointer, &left) {
            if message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle {
                return (easy, toolauth_message_result(message))
            }
        }
        return unwatched.popLast().map { ($0, CURLE_COULDNT_CONNECT) }
    }

    /// Takes the handle out; its transfer, if still under way, ends without a result.
    func remove(_ easy: EasyHandle) {
        curl_multi_remove_handle(pointer, easy.pointer)
        unwatched.removeAll { $0 == easy.pointer }
    }

    /// Closes all connections. No transfer may be left, and nothing be called afterwards.
    func close() {
        curl_multi_cleanup(pointer)
        watches.cancel()
        timer.cancel()
    }

    private func watch(_ socket: curl_socket_t, _ poll: Int32, for easy: UnsafeMutableRawPointer?) {
        if !watches.want(socket, poll), let easy { unwatched.append(easy) }
    }

    private func wake(inMilliseconds milliseconds: Int) {
        timer.set(milliseconds > 0 ? .now() + .milliseconds(milliseconds) : nil)
        guard milliseconds == 0, !isTurning else { return }
        isTurning = true
        let onEvent = onEvent
        queue.async { onEvent(.turn) }
    }

    private static func from(_ pointer: UnsafeMutableRawPointer) -> MultiHandle {
        Unmanaged<MultiHandle>.fromOpaque(pointer).takeUnretainedValue()
    }
}
