// Replies of the daemon as a client reads them: the first byte says where they come apart, the rest is the reply.
import FuzzSupport
import SocketAPI

@testable import ToolAuthClient

enum End: Equatable {
    case reply(Reply)
    case open(ReplyParser.End)
    case fault
}

/// Reads a reply that comes in `parts`, as an event reader does: what is there of the body is taken at once.
func read(_ parts: [ArraySlice<UInt8>]) -> (end: End, messages: [EventStreamParser.Message]) {
    var (whole, streamed) = (ReplyParser(bodyLimit: 1 << 16), ReplyParser(bodyLimit: 1 << 16, isTakenInParts: true))
    var stream = EventStreamParser()
    var messages: [EventStreamParser.Message] = []
    var end: End?
    var isStreaming = true
    for part in parts where end == nil {
        do {
            if let reply = try whole.receive(part) {
                // What came behind it is known only of what came with it.
                end = .reply(Reply(head: reply.head, body: reply.body, allowsReuse: false))
            }
        } catch { end = .fault }
        guard isStreaming else { continue }
        do {
            if let reply = try streamed.receive(part) {
                if reply.status == 200 { messages += try stream.receive(reply.body) }
                isStreaming = false
            } else if let (_, body) = streamed.takePart() {
                messages += try stream.receive(body)
            }
        } catch { isStreaming = false }
    }
    return (end ?? .open(whole.end()), messages)
}

func written(_ message: EventStreamParser.Message) -> String {
    var text = message.id.map { "id: \($0)\n" } ?? ""
    text += "event: \(message.event)\n"
    for line in message.data.split(separator: "\n", omittingEmptySubsequences: false) { text += "data: \(line)\n" }
    return text + "\n"
}

fuzz { input in
    var input = input
    let cut = Int(input.byte())
    let bytes = input.rest
    let whole = read([bytes[...]])
    let parts = read([bytes.prefix(cut), bytes.dropFirst(cut)])
    expect(whole.end == parts.end, "it depends on how the bytes come apart: \(whole.end) and \(parts.end)")
    let single = read(bytes.indices.map { bytes[$0...$0] })
    expect(whole.end == single.end, "it depends on how the bytes come apart: \(whole.end) and \(single.end)")
    // Before a fault, more may have been read of what came bit by bit.
    if whole.end != .fault {
        expect(whole.messages == parts.messages && whole.messages == single.messages, "the messages depend on it too")
    }
    for message in whole.messages { _ = EventBody(message) }

    // The same bytes as the stream itself, without HTTP around it.
    var stream = EventStreamParser()
    guard let first = try? stream.receive(bytes.prefix(cut)), let rest = try? stream.receive(bytes.dropFirst(cut))
    else { return }
    // The daemon ends lines with a line feed alone.
    for message in first + rest where !written(message).utf8.contains(UInt8(ascii: "\r")) {
        var again = EventStreamParser()
        expect(
            (try? again.receive(Array(written(message).utf8))) == [message],
            "written again, it reads otherwise: \(message)")
    }
}
