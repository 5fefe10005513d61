import CCurl
import Dispatch
import Glibc

/// Watches libcurl's sockets: an epoll instance for all of them, and one Dispatch source for that. Used on the loop's
/// queue only.
///
/// libcurl takes a socket out when its transfer ends and puts it in again for the next; a source for each time would wake
/// Dispatch's own thread twice for every request. And libcurl may close a socket when it likes, some of them without
/// asking: the kernel then takes it out by itself, while a descriptor must not be closed under a source.
final class SocketWatches {
    /// A socket that has become ready, for `curl_multi_socket_action`.
    struct Ready {
        let socket: curl_socket_t
        /// Which of the watches that a descriptor of this number had.
        let generation: UInt32
        /// `CURL_CSELECT_IN` and `CURL_CSELECT_OUT`.
        let events: Int32
    }

    private struct Watch {
        let generation: UInt32
        let events: EPOLL_EVENTS
    }

    /// The most that is looked at before libcurl is told.
    private static let batch = 64

    private let epoll: Int32
    private let source: any DispatchSourceRead
    private var watches: [curl_socket_t: Watch] = [:]
    private var generation: UInt32 = 0
    private var isCancelled = false

    /// - Parameters:
    ///   - closing: entered for as long as the descriptor of the epoll instance is open.
    ///   - onReady: called on `queue`, again and again while something is ready.
    /// - Returns: nil when there is no descriptor left.
    init?(on queue: DispatchQueue, closing: DispatchGroup, onReady: @escaping @Sendable () -> Void) {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { return nil }
        closing.enter()
        self.epoll = epoll
        source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
        source.setEventHandler(handler: onReady)
        source.setCancelHandler {
            close(epoll)
            closing.leave()
        }
        source.resume()
    }

    /// Watches a socket for these events and no others.
    ///
    /// - Parameter poll: one of libcurl's `CURL_POLL_…`.
    /// - Returns: false when it cannot be watched.
    func want(_ socket: curl_socket_t, _ poll: Int32) -> Bool {
        if isCancelled { return false }
        let former = watches.removeValue(forKey: socket)
        guard let events = Self.events(poll) else {
            // Fails where the socket is closed already: then it is out.
            if former != nil { epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil) }
            return true
        }
        generation &+= 1
        let watch = Watch(generation: generation, events: events)
        var event = epoll_event()
        event.events = events.rawValue
        event.data.u64 = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: socket))
        // One that was closed is out, and its number may be another's now.
        let isIn = former != nil && epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0
        guard isIn || epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0 else { return false }
        watches[socket] = watch
        return true
    }

    /// What is ready now.
    func ready() -> [Ready] {
        if isCancelled { return [] }
        let events = [epoll_event](unsafeUninitializedCapacity: Self.batch) { buffer, count in
            count = max(0, Int(epoll_wait(epoll, buffer.baseAddress, Int32(Self.batch), 0)))
        }
        return events.compactMap { event in
            let socket = curl_socket_t(truncatingIfNeeded: event.data.u64)
            let generation = UInt32(event.data.u64 >> 32)
            guard let watch = watches[socket], watch.generation == generation else { return nil }
            return Ready(socket: socket, generation: generation, events: Self.selection(event.events, watch.events))
        }
    }

    /// Whether the socket is still watched as it was when it was `ready`. What was made of another one may have closed it.
    func isCurrent(_ ready: Ready) -> Bool { watches[ready.socket]?.generation == ready.generation }

    /// Nothing is watched any more, and `onReady` not called again.
    func cancel() {
        isCancelled = true
        watches = [:]
        source.cancel()
    }

    private static func events(_ poll: Int32) -> EPOLL_EVENTS? {
        switch poll {
        case CURL_POLL_IN: EPOLLIN
        case CURL_POLL_OUT: EPOLLOUT
        case CURL_POLL_INOUT: EPOLL_EVENTS(EPOLLIN.rawValue | EPOLLOUT.rawValue)
        default: nil
        }
    }

    /// An error, or an end, shows to whoever reads or writes.
    private static func selection(_ came: UInt32, _ wanted: EPOLL_EVENTS) -> Int32 {
        let ended = came & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        let ready = (ended ? wanted.rawValue : came) & wanted.rawValue
        var selection: Int32 = 0
        if ready & EPOLLIN.rawValue != 0 { selection |= CURL_CSELECT_IN }
        if ready & EPOLLOUT.rawValue != 0 { selection |= CURL_CSELECT_OUT }
        return selection
    }
}
