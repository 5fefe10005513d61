import FoundationEssentials
public import SocketAPI
public import ToolAuthCore

extension ToolAuthClient {
    /// What happens from now on, as it happens: tokens refreshed, grants that need their user, tools paused.
    ///
    /// ```swift
    /// var last: String?
    /// while !Task.isCancelled {
    ///     var events = client.events(after: last).makeAsyncIterator()
    ///     while let event = try await events.next() {
    ///         if event.kind == "auth.reauthorization_required", let record = event.record { remind(record.userID) }
    ///     }
    ///     // The daemon restarts: go on where it ended, be it before the first event.
    ///     last = events.lastID
    ///     try await Task.sleep(for: .seconds(1))
    /// }
    /// ```
    ///
    /// The sequence ends when the daemon ends the stream: because it stops, or because this reader fell too far behind.
    ///
    /// - Parameters:
    ///   - toolID: events of this tool alone.
    ///   - userID: events of this user's grants alone.
    ///   - lastID: the ``EventBody/id`` of the last event seen, or ``EventSequence/Iterator/lastID``. Where what came
    ///     after it is forgotten, the first event is `reset`: look at everything anew.
    public func events(
        toolID: ToolID? = nil, userID: UserID? = nil, after lastID: String? = nil
    ) -> EventSequence {
        EventSequence(client: self, toolID: toolID, userID: userID, lastID: lastID)
    }
}

/// The events of ``ToolAuthClient/events(toolID:userID:after:)``. Each iterator has a connection of its own.
public struct EventSequence: AsyncSequence, Sendable {
    public typealias Element = EventBody
    public typealias Failure = ToolAuthClientError

    let client: ToolAuthClient
    let toolID: ToolID?
    let userID: UserID?
    let lastID: String?

    public func makeAsyncIterator() -> Iterator {
        // An id is digits; anything else would be no header's value.
        let isSound = lastID.map { !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } } ?? false
        let request = APIRequest(
            .get, ["v1", "events"],
            query: [(name: "tool_id", value: toolID?.rawValue), (name: "user_id", value: userID?.rawValue)],
            fields: isSound ? [("Last-Event-ID", lastID ?? "")] : [])
        return Iterator(reader: client.eventReader(request), lastID: lastID)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let reader: EventReader
        var waiting: ArraySlice<EventBody> = []
        /// After which event another stream misses none: the last that was given out; once the stream has ended or
        /// failed before it had one, where it began. nil: neither is known.
        public private(set) var lastID: String?

        init(reader: EventReader, lastID: String?) {
            self.reader = reader
            self.lastID = lastID
        }

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ToolAuthClientError) -> EventBody? {
            while waiting.isEmpty {
                // All that came was given out.
                defer { if waiting.isEmpty { lastID = reader.lastID ?? lastID } }
                guard let messages = try await reader.next() else { return nil }
                waiting = messages.map { EventBody($0) }[...]
            }
            let event = waiting.removeFirst()
            if !event.id.isEmpty { lastID = event.id }
            return event
        }
    }
}

extension EventBody {
    init(_ message: EventStreamParser.Message) {
        let data = Data(message.data.utf8)
        let isTool = message.event.hasPrefix("tool.")
        let isRecord = message.event.hasPrefix("auth.")
        self.init(
            id: message.id ?? "", kind: message.event,
            record: isRecord ? try? JSONDecoder().decode(RecordBody.self, from: data) : nil,
            tool: isTool ? try? JSONDecoder().decode(ToolBody.self, from: data) : nil, data: message.data)
    }
}
