/// Takes messages off the bytes of `text/event-stream` (HTML Living Standard, 9.2.6), however they come apart.
struct EventStreamParser {
    struct Message: Equatable {
        /// The last id of the stream; nil: none was given yet.
        var id: String?
        var event: String
        var data: String
    }

    /// Most bytes of one message.
    static let limit = 1 << 20

    private var pending: [UInt8] = []
    private var event = ""
    private var data: [String] = []
    /// Bytes of `data`, ends of lines included.
    private var dataBytes = 0
    private var id: String?
    /// Of the last message, or of a block that had an id alone; what is not whole has none yet.
    private(set) var lastID: String?

    /// - Returns: the messages that are whole now.
    /// - Throws: where a message is longer than ``limit``; nothing is to be read any more.
    mutating func receive(_ bytes: some Collection<UInt8>) throws(ReplyFault) -> [Message] {
        pending += bytes
        var messages: [Message] = []
        var start = 0
        while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
            var line = pending[start..<end]
            try check(line.count)
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            start = end + 1
            if let message = take(line) { messages.append(message) }
        }
        pending.removeFirst(start)
        try check(pending.count)
        return messages
    }

    /// - Parameter lineBytes: of a line, or of what there is of it.
    private func check(_ lineBytes: Int) throws(ReplyFault) {
        guard dataBytes + lineBytes <= Self.limit else {
            throw ReplyFault("an event is longer than \(Self.limit) bytes")
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) -> Message? {
        if line.isEmpty {
            defer { (event, data, dataBytes) = ("", [], 0) }
            lastID = id
            if data.isEmpty { return nil }
            return Message(
                id: lastID, event: event.isEmpty ? "message" : event, data: data.joined(separator: "\n"))
        }
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        var rest = line.dropFirst(name.count + 1)
        if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
        let value = String(decoding: rest, as: UTF8.self)
        switch String(decoding: name, as: UTF8.self) {
        case "id": id = value
        case "event": event = value
        case "data":
            data.append(value)
            dataBytes += rest.count + 1
        // Comments, retry, and what later versions may bring.
        default: break
        }
        return nil
    }
}
