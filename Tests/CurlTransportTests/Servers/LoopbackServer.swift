import Glibc
import ToolAuthCore

/// A server on 127.0.0.1 that does with each connection whatever a test wants, and keeps what it saw.
final class LoopbackServer: Sendable {
    private struct State {
        var open: Set<Int32> = []
        var accepted = 0
        var peak = 0
        var requests: [ReceivedRequest] = []
        var isStopped = false
    }

    let port: Int
    private let listener: Int32
    private let state = Locked(State())

    /// - Parameter serve: called on a thread of its own; the connection is closed when it returns.
    init(_ serve: @escaping @Sendable (ServerConnection) -> Void) {
        (listener, port) = listenOnLoopback()
        startThread { [self] in accept(serve) }
    }

    /// Answers every request alike.
    convenience init(replying body: String = "ok", headers: [String] = []) {
        self.init { connection in
            while connection.readRequest() != nil { connection.reply(body, headers: headers) }
        }
    }

    var url: String { "http://127.0.0.1:\(port)/token" }
    /// Connections accepted so far.
    var accepted: Int { state.withLock { $0.accepted } }
    /// Connections open now, and at most so far.
    var open: Int { state.withLock { $0.open.count } }
    var peak: Int { state.withLock { $0.peak } }
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }

    /// Stops listening and ends what is open.
    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    private func accept(_ serve: @escaping @Sendable (ServerConnection) -> Void) {
        defer { close(listener) }
        while true {
            var ready = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, -1) == 1 else { continue }
            let socket = ChildProcess.starting.withLock { _ in
                let socket = Glibc.accept(listener, nil, nil)
                _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
                return socket
            }
            guard socket >= 0 else {
                if state.withLock({ $0.isStopped }) { return }
                continue
            }
            let number = state.withLock { state in
                state.accepted += 1
                state.open.insert(socket)
                state.peak = max(state.peak, state.open.count)
                if state.isStopped { shutdown(socket, Int32(SHUT_RDWR)) }
                return state.accepted
            }
            let connection = ServerConnection(socket, number: number) { [self] request in
                state.withLock { $0.requests.append(request) }
            }
            startThread { [self] in
                serve(connection)
                state.withLock { state in
                    state.open.remove(socket)
                    close(socket)
                }
            }
        }
    }
}

/// Listens, but has no room for one more connection: connecting to it hangs.
final class FullListener: Sendable {
    let port: Int
    private let sockets: [Int32]

    init() {
        let (listener, port) = listenOnLoopback(backlog: 0)
        self.port = port
        sockets = [listener] + (0..<4).compactMap { _ in connectToLoopback(port: port, nonblocking: true) }
    }

    deinit { for socket in sockets { close(socket) } }
}

/// A port that refuses connections, and that nobody else gets meanwhile.
final class RefusingPort: Sendable {
    let number: Int
    private let socket: Int32

    init() { (socket, number) = bindToLoopback() }

    deinit { close(socket) }
}
