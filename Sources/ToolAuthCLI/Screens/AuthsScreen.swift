import SocketAPI
import ToolAuthCore

/// Grants as a list, a row each.
struct AuthsScreen {
    private(set) var table = Table([
        .init("TOOL", least: 8), .init("USER", least: 8), .init("STATUS"), .init("EXPIRES", .right),
        .init("REFRESHES", .right), .init("NOTE", least: 10),
    ])

    mutating func add(_ record: RecordBody, now: Timestamp) {
        let time = { (text: String?) in text.map { relative(rfc3339: $0, to: now) } }
        let isOver = record.expiresAt.flatMap(Timestamp.init(rfc3339:)).map { $0 <= now } ?? false
        let note = record.reason.map(spokenReason) ?? record.lastError.map(spokenError)
        table.add(
            .init(record.toolID), .init(record.userID), .init(record.status, Style(status: record.status)),
            .init(time(record.expiresAt) ?? "–", isOver ? .red : .plain), .init(time(record.refreshAt) ?? "–"),
            .init(note ?? "", .dim))
    }
}
