import Dispatch
import ToolAuthCore

/// Reads one stream of events over a connection of its own, on a thread of its own. For one task at a time.
final class EventReader: Sendable {
    private struct Source {
        let connection: UnixConnection
        var parser = ReplyParser(bodyLimit: 1 << 20, isTakenInParts: true)
        var messages = EventStreamParser()
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        /// The stream has had its end, although the connection may go on.
        var isOver = false
    }

    private let exchange: Exchange
    private let request: [UInt8]
    private let timeout: Duration
    private let queue = DispatchQueue(label: "toolauthd.client.events")
    // Locked while it is read from, which may take days: nobody but the queue locks it.
    private let source = Locked<Source?>(nil)

    init(_ exchange: Exchange, _ request: APIRequest, timeout: Duration) {
        self.exchange = exchange
        self.request = request.encoded()
        self.timeout = timeout
    }

    /// The last id that the stream gave, be it with a message or where it begins; nil: none yet. Not to be asked while
    /// ``next()`` waits.
    var lastID: String? { source.withLock { $0?.messages.lastID } }

    /// Waits for messages; connects at the first call.
    ///
    /// - Returns: at least one; nil: the daemon has ended the stream.
    func next() async throws(ToolAuthClientError) -> [EventStreamParser.Message]? {
        try await exchange.run(on: queue) { [self] cancellation throws(ToolAuthClientError) in
            try source.withLock { source throws(ToolAuthClientError) in try read(&source, cancellation) }
        }
    }

    /// - Parameter kept: what the last call left; nil: this is the first, or none got as far as a connection.
    private func read(
        _ kept: inout Source?, _ cancellation: CallCancellation
    ) throws(ToolAuthClientError) -> [EventStreamParser.Message]? {
        // Taken out, lest the buffer be copied.
        var source: Source
        if let open = kept.take() {
            source = open
        } else {
            source = Source(connection: try exchange.open(request, within: timeout, cancellation))
        }
        defer { kept = source }
        // A quiet daemon has nothing to tell for days.
        let deadline = CallDeadline(.seconds(86_400 * 365))
        if source.isOver { return nil }
        do {
            while true {
                if let (_, part) = source.parser.takePart() {
                    let messages = try source.messages.receive(part)
                    if !messages.isEmpty { return messages }
                }
                let count = try source.connection.receive(
                    into: &source.buffer, deadline: deadline, cancellation: cancellation)
                // A daemon that was killed ends no stream.
                if count == 0 { return nil }
                if let reply = try source.parser.receive(source.buffer[..<count]) {
                    try checkSuccess(reply)
                    source.isOver = true
                    let messages = try source.messages.receive(reply.body)
                    return messages.isEmpty ? nil : messages
                }
            }
        } catch {
            throw exchange.clientError(error)
        }
    }
}
