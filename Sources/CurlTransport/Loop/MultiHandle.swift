import CCurl
import Dispatch
import ToolAuthCore

/// libcurl's multi handle with what Dispatch does for it: one timer, and a watch for each socket. Used on the loop's
/// queue only, and closed there, never in a `deinit`.
///
/// libcurl must not be called from its own callbacks: those here only note what it wants, and return 0.
final class MultiHandle {
    /// What becomes ready, for the loop to tell libcurl.
    enum Event: Sendable {
        case timer
        case socket(curl_socket_t, events: Int32)
    }

    let pointer: UnsafeMutableRawPointer
    private let queue: DispatchQueue
    private let closing: DispatchGroup
    private let onEvent: @Sendable (Event) -> Void
    private let timer: any DispatchSourceTimer
    private var watches: [curl_socket_t: SocketWatch] = [:]
    /// Handles whose socket cannot be watched, for want of descriptors.
    private var unwatched: [UnsafeMutableRawPointer] = []

    /// - Parameter closing: entered for as long as a descriptor of a watch is open.
    init(
        _ configuration: CurlHTTPTransport.Configuration, on queue: DispatchQueue, closing: DispatchGroup,
        onEvent: @escaping @Sendable (Event) -> Void
    ) throws(LibraryError) {
        try LibraryError.check(CurlLibrary.initialized)
        guard let pointer = curl_multi_init() else { throw LibraryError(CURLE_OUT_OF_MEMORY) }
        self.pointer = pointer
        self.queue = queue
        self.closing = closing
        self.onEvent = onEvent
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { onEvent(.timer) }
        timer.schedule(deadline: .distantFuture)
        timer.resume()

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
        var running: Int32 = 0
        switch event {
        case .timer: curl_multi_socket_action(pointer, CURL_SOCKET_TIMEOUT, 0, &running)
        case .socket(let socket, let events):
            // What was ready when the watch was dropped is no longer libcurl's business.
            if watches[socket] != nil { curl_multi_socket_action(pointer, socket, events, &running) }
        }
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
        for watch in watches.values { watch.cancel() }
        watches = [:]
        timer.cancel()
    }

    private func watch(_ socket: curl_socket_t, _ poll: Int32, for easy: UnsafeMutableRawPointer?) {
        if poll == CURL_POLL_REMOVE {
            watches.removeValue(forKey: socket)?.cancel()
            return
        }
        let onEvent = onEvent
        let watch =
            watches[socket]
            ?? SocketWatch(socket, on: queue, closing: closing) { onEvent(.socket(socket, events: $0)) }
        watches[socket] = watch
        if !watch.want(poll), let easy { unwatched.append(easy) }
    }

    private func wake(inMilliseconds milliseconds: Int) {
        timer.schedule(
            deadline: milliseconds < 0 ? .distantFuture : .now() + .milliseconds(milliseconds),
            leeway: .milliseconds(1))
    }

    private static func from(_ pointer: UnsafeMutableRawPointer) -> MultiHandle {
        Unmanaged<MultiHandle>.fromOpaque(pointer).takeUnretainedValue()
    }
}
