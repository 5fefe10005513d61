import Dispatch
import Glibc
import NIOCore
import NIOHTTP1
import ToolAuthCore

/// Accepts the connections of the socket API, and answers at once, on its own thread and before a channel is made, those that
/// ask for nothing but a token that is at hand: making a channel takes longer than all the rest of such a request.
///
/// It only looks at what a client sent (`MSG_PEEK`); what it does not answer, it leaves in the socket and hands the
/// connection on, for good. So there is one judge of what HTTP is, the decoder, and one keeper of deadlines, the channel:
/// a connection that is quiet here for a moment is handed on as well.
final class ExpressLane<Client: Sendable, Request: Sendable>: Sendable {
    /// A connection that is handed on.
    struct Handover: Sendable {
        let descriptor: CInt
        let client: Client
        /// Why it is one too many; nil: it is served.
        let refusal: ToolAuthError?
    }

    /// What the lane is told, and tells.
    struct Callbacks: Sendable {
        /// Who is at the other end of a connection that was accepted.
        let identify: @Sendable (CInt) -> Client
        /// Counts a connection that was accepted; if it is one too many, says so, and it is handed on to be told.
        let admit: @Sendable (Client) -> ToolAuthError?
        /// A connection that was admitted was closed here.
        let release: @Sendable (Client) -> Void
        /// What a head asks for; nil: nothing that can be at hand. Depends on nothing but the head.
        let read: @Sendable (HTTPRequestHead) -> Request?
        /// The answer, if there is one at hand, and what is to be done once it is sent.
        let answer: @Sendable (Request, Client) -> AnswerAtOnce?
        let handOver: @Sendable (Handover) -> Void
        /// The lane has ended: nobody more is accepted, and all connections are handed on.
        let ended: @Sendable () -> Void
    }

    private struct Held {
        let descriptor: CInt
        let client: Client
        /// When it last was answered, or accepted.
        var since: NIODeadline
    }

    /// What the thread works with.
    private struct Desk {
        var buffer = [UInt8](repeating: 0, count: ExpressHead.longest + 1)
        /// Heads read before: programs ask in the same words again and again. Bounded; then all are forgotten.
        var requests: [[UInt8]: Request] = [:]
    }

    private struct Shared {
        var orders: [@Sendable () -> Void] = []
        var isEnding = false
        var hasEnded = false
    }

    /// The most connections kept here at once, and the most heads remembered.
    static var capacity: Int { 256 }
    /// How long to wait where no descriptor is left for another connection.
    static var pause: TimeAmount { .milliseconds(100) }

    private let listener: CInt
    /// How long a connection may be quiet before it is handed on.
    private let patience: TimeAmount
    private let callbacks: Callbacks
    private let wake: (reader: CInt, writer: CInt)
    private let shared = Locked(Shared())

    /// - Parameter listener: a stream socket that listens; closed when the lane ends.
    /// - Throws: if it does not listen, or no descriptor is left; then it stays open.
    init(listener: CInt, patience: TimeAmount, _ callbacks: Callbacks) throws {
        self.listener = listener
        self.patience = patience
        self.callbacks = callbacks
        var (listens, size) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
        guard getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 else {
            throw IOError(errnoCode: errno, reason: "getsockopt")
        }
        guard listens == 1 else { throw IOError(errnoCode: EINVAL, reason: "the socket does not listen") }
        var ends: [CInt] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw IOError(errnoCode: errno, reason: "socketpair") }
        wake = (ends[0], ends[1])
        // Of a socket this does not fail.
        _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        close(wake.reader)
        close(wake.writer)
    }

    func start() {
        // A serial queue of its own gets a thread of its own.
        DispatchQueue(label: "toolauthd.express").async { self.run() }
    }

    /// Has the lane do something, between two looks at its connections; where it has ended, the caller
    /// does it: nobody waits for what is over.
    func perform(_ order: @escaping @Sendable () -> Void) {
        let hasEnded = shared.withLock { shared in
            if !shared.hasEnded { shared.orders.append(order) }
            return shared.hasEnded
        }
        if hasEnded { order() } else { ring() }
    }

    /// Accepts nobody more, hands all connections on, and ends.
    func end() {
        shared.withLock { $0.isEnding = true }
        ring()
    }

    private func ring() {
        var byte: UInt8 = 1
        // A full one rings already.
        _ = write(wake.writer, &byte, 1)
    }

    // MARK: The thread

    private func run() {
        var held: [Held] = []
        var acceptsAgainAt: NIODeadline?
        var desk = Desk()
        while true {
            let (orders, isEnding) = shared.withLock { shared in
                defer { shared.orders = [] }
                return (shared.orders, shared.isEnding)
            }
            for order in orders { order() }
            if isEnding { break }
            let isPaused = acceptsAgainAt.map { $0 > .now() } ?? false
            if !isPaused { acceptsAgainAt = nil }
            var polled = [
                pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0),
                // A negative descriptor is passed over.
                pollfd(fd: isPaused ? -1 : listener, events: Int16(POLLIN), revents: 0),
            ]
            for connection in held {
                polled.append(pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0))
            }
            var limit = held.isEmpty ? nil : patience
            if isPaused { limit = min(limit ?? Self.pause, Self.pause) }
            poll(&polled, nfds_t(polled.count), limit.map { Int32($0.nanoseconds / 1_000_000) } ?? -1)
            if polled[0].revents != 0 { silence() }
            serve(&held, polled.dropFirst(2), &desk)
            if polled[1].revents != 0, !accept(&held, &desk) { acceptsAgainAt = .now() + Self.pause }
        }
        close(listener)
        for connection in held { handOver(connection) }
        callbacks.ended()
        let orders = shared.withLock { shared in
            shared.hasEnded = true
            return shared.orders
        }
        for order in orders { order() }
    }

    private func silence() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(wake.reader, &bytes, bytes.count) > 0 {}
    }

    /// Looks at the connections where something came, and hands on those where nothing came for too long.
    private func serve(_ held: inout [Held], _ polled: ArraySlice<pollfd>, _ desk: inout Desk) {
        let now = NIODeadline.now()
        var kept: [Held] = []
        kept.reserveCapacity(held.count)
        for (connection, entry) in zip(held, polled) {
            var connection = connection
            if entry.revents == 0 {
                if now - connection.since < patience { kept.append(connection) } else { handOver(connection) }
                continue
            }
            if serve(&connection, &desk) { kept.append(connection) }
        }
        held = kept
    }

    /// - Returns: whether the connection stays here.
    private func serve(_ connection: inout Held, _ desk: inout Desk) -> Bool {
        let count = recv(
            connection.descriptor, &desk.buffer, desk.buffer.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) {
            // The client ended its side, with everything answered, or is gone.
            close(connection.descriptor)
            callbacks.release(connection.client)
            return false
        }
        guard count > 0 else { return true }
        guard let request = request(count, &desk), let answer = callbacks.answer(request, connection.client),
            case .bytes(let body) = answer.response.body
        else {
            handOver(connection)
            return false
        }
        return send(answer, body, requestLength: count, &connection, &desk)
    }

    /// Reads the head in the buffer.
    private func request(_ count: Int, _ desk: inout Desk) -> Request? {
        let bytes = Array(desk.buffer[..<count])
        if let known = desk.requests[bytes] { return known }
        let head = bytes.withUnsafeBytes { ExpressHead.parse($0) }
        guard let request = head.flatMap(callbacks.read) else { return nil }
        if desk.requests.count >= Self.capacity { desk.requests = [:] }
        desk.requests[bytes] = request
        return request
    }

    /// - Returns: whether the connection stays here.
    private func send(
        _ answer: AnswerAtOnce, _ body: ByteBuffer, requestLength: Int, _ connection: inout Held,
        _ desk: inout Desk
    ) -> Bool {
        let bytes = answer.response.bytes(with: body)
        let sent = bytes.withUnsafeReadableBytes {
            Glibc.send(
                connection.descriptor, $0.baseAddress, $0.count,
                Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        if sent < 0 {
            // A client that reads nothing has the channel's patience.
            handOver(connection)
            return false
        }
        answer.note()
        // What was looked at is taken; it is there.
        _ = recv(connection.descriptor, &desk.buffer, requestLength, Int32(MSG_DONTWAIT))
        guard sent == bytes.readableBytes else {
            // Half an answer cannot be gone on with elsewhere. It takes thousands of answers not read to come here.
            close(connection.descriptor)
            callbacks.release(connection.client)
            return false
        }
        connection.since = .now()
        return true
    }

    /// - Returns: false: it cannot be accepted now.
    private func accept(_ held: inout [Held], _ desk: inout Desk) -> Bool {
        // As many as one tick of an event loop would take.
        for _ in 0..<16 {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else {
                switch errno {
                case EAGAIN: return true
                case EINTR, ECONNABORTED: continue
                // No descriptor is left, or no memory; to try again at once would be to spin.
                default: return false
                }
            }
            let client = callbacks.identify(descriptor)
            if let refusal = callbacks.admit(client) {
                handOver(Handover(descriptor: descriptor, client: client, refusal: refusal))
                continue
            }
            var connection = Held(descriptor: descriptor, client: client, since: .now())
            if held.count == Self.capacity {
                handOver(connection)
            } else if serve(&connection, &desk) {
                held.append(connection)
            }
        }
        return true
    }

    private func handOver(_ connection: Held) {
        handOver(Handover(descriptor: connection.descriptor, client: connection.client, refusal: nil))
    }

    private func handOver(_ handover: Handover) {
        _ = fcntl(handover.descriptor, F_SETFD, FD_CLOEXEC)
        callbacks.handOver(handover)
    }
}
