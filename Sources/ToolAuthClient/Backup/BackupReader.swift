import Dispatch
import Glibc
import ToolAuthCore

/// Reads one backup over a connection of its own, on a thread of its own. For one task at a time.
final class BackupReader: Sendable {
    private struct Source {
        let connection: UnixConnection
        var parser = ReplyParser(bodyLimit: .max)
        var buffer = [UInt8](repeating: 0, count: 256 * 1024)
        var received = 0
        /// nil: the head of the reply has not come.
        var size: Int?
    }

    private enum State {
        case unasked
        case reading(Source)
        case over
    }

    /// How long the daemon may take to make the copy, beyond the client's time-out: as long as its disk takes.
    private static let copying = Duration.seconds(600)

    private let exchange: Exchange
    private let timeout: Duration
    private let queue = DispatchQueue(label: "toolauthd.client.backup")
    // Locked while it is read from: nobody but the queue locks it.
    private let state = Locked<State>(.unasked)

    init(_ exchange: Exchange, timeout: Duration) {
        self.exchange = exchange
        self.timeout = timeout
    }

    /// Waits for bytes; connects and asks at the first call.
    ///
    /// - Returns: nil: all has come.
    func next() async throws(ToolAuthClientError) -> BackupPart? {
        try await exchange.run(on: queue) { [self] cancellation throws(ToolAuthClientError) in
            try state.withLock { state throws(ToolAuthClientError) in try read(&state, cancellation) }
        }
    }

    private func read(
        _ state: inout State, _ cancellation: CallCancellation
    ) throws(ToolAuthClientError) -> BackupPart? {
        var source: Source
        switch state {
        case .unasked:
            let request = APIRequest(.get, ["v1", "backup"]).encoded()
            source = Source(connection: try exchange.open(request, within: timeout, cancellation))
        case .reading(let open): source = open
        case .over: return nil
        }
        // Whatever fails, fails for good: the bytes of another copy would not go with those of this one.
        state = .over
        do {
            let part = try receive(&source, cancellation)
            if part.received < part.size { state = .reading(source) }
            return part
        } catch {
            throw exchange.clientError(error)
        }
    }

    private func receive(_ source: inout Source, _ cancellation: CallCancellation) throws -> BackupPart {
        let deadline = CallDeadline(source.size == nil ? timeout + Self.copying : timeout)
        while true {
            let count = try source.connection.receive(
                into: &source.buffer, deadline: deadline, cancellation: cancellation)
            if count == 0 { throw SocketFailure.system(ECONNRESET) }
            let reply = try source.parser.receive(source.buffer[..<count])
            guard let (head, bytes) = reply.map({ ($0.head, $0.body) }) ?? source.parser.takePart() else { continue }
            if let reply { try checkSuccess(reply) }
            let size = try source.size ?? Self.size(head)
            source.size = size
            source.received += bytes.count
            if bytes.isEmpty, reply == nil { continue }
            guard reply == nil || source.received == size else { throw SocketFailure.system(ECONNRESET) }
            return BackupPart(bytes: bytes, received: source.received, size: size)
        }
    }

    private static func size(_ head: ReplyHead) throws(ReplyFault) -> Int {
        guard let length = head.values("content-length").first, let size = decimal(length.utf8), size > 0 else {
            throw ReplyFault("a backup does not say how long it is")
        }
        return size
    }
}
