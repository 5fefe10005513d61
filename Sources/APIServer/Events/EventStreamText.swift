import NIOCore
import SocketAPI
import Telemetry
import ToolAuthCore

/// Events in the form of `text/event-stream` (HTML Living Standard, 9.2).
enum EventStreamText {
    static let contentType = "text/event-stream"

    /// How a stream begins: how soon to come back when it ends, in milliseconds, and where it begins, so that whoever comes
    /// back before the first event misses none.
    static func opening(at id: Int64) -> String { "retry: 1000\nid: \(id)\n\n" }

    static func reset(at id: Int64) -> String { message(id: id, event: "reset", data: "{}") }

    /// - Parameter tool: title and provider of a tool, for events that are about one.
    /// - Throws: what encoding throws; none of the API's own bodies does.
    static func event(_ entry: EventHistory.Entry, tool: (ToolID) -> ToolSummary?) throws -> String {
        let event = entry.event
        let data: ByteBuffer
        if let record = event.record {
            data = try JSONBytes.encode(RecordBody(record))
        } else if let toolID = event.toolID {
            data = try JSONBytes.encode(ToolBody(toolID, event, tool(toolID)))
        } else {
            data = ByteBuffer(string: "{}")
        }
        return message(id: entry.id, event: event.kind.rawValue, data: String(buffer: data))
    }

    /// - Parameter data: without line breaks; JSON escapes them.
    private static func message(id: Int64, event: String, data: String) -> String {
        "id: \(id)\nevent: \(event)\ndata: \(data)\n\n"
    }
}

extension ToolBody {
    /// The tool as it was at the event, which is not always as it is now.
    fileprivate init(_ toolID: ToolID, _ event: ToolAuthEvent, _ tool: ToolSummary?) {
        let isPaused = event.kind == .toolPaused
        self.init(
            toolID: toolID.rawValue, title: tool?.title ?? toolID.rawValue, provider: tool?.provider ?? "unknown",
            status: (isPaused ? ToolSummary.Status.paused : .available).rawValue,
            reason: isPaused ? event.detail : nil, isAuthRequired: nil)
    }
}
