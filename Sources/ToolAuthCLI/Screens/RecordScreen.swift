import SocketAPI
import ToolAuthCore

/// A grant in one line: `gmail of alice is healthy, its token is valid for 59 min (generation 8)`.
func summary(_ record: RecordBody, now: Timestamp, painter: Painter) -> String {
    let status = painter(terminalSafe(record.status), Style(status: record.status))
    return "\(terminalSafe(record.toolID)) of \(terminalSafe(record.userID)) is \(status), "
        + "\(terminalSafe(validity(record.expiresAt, now: now))) (generation \(record.generation))"
}

/// What is left of a token, in words.
func validity(_ expiresAt: String?, now: Timestamp) -> String {
    guard let expiresAt else { return "its token has no known end" }
    guard let instant = Timestamp(rfc3339: expiresAt) else { return "its token ends at \(expiresAt)" }
    return instant > now
        ? "its token is valid for \(spoken(instant - now))" : "its token ended \(relative(instant, to: now))"
}

/// A grant with all that is known of it, a line for each.
func recordTable(_ record: RecordBody, now: Timestamp) -> Table {
    var table = Table([.init(""), .init("", least: 20)])
    let add = { (table: inout Table, name: String, value: String?, style: Style) in
        if let value, !value.isEmpty { table.add(.init(name, .dim), .init(value, style)) }
    }
    let time = { (text: String?) in text.map { "\(relative(rfc3339: $0, to: now))  (\($0))" } }
    add(&table, "tool", record.toolID, .bold)
    add(&table, "user", record.userID, .bold)
    add(&table, "status", record.status, Style(status: record.status))
    add(&table, "reason", record.reason.map { "\(spokenReason($0)) (\($0))" }, .plain)
    add(&table, "scope", record.scope, .plain)
    add(&table, "token type", record.tokenType, .plain)
    add(&table, "expires", time(record.expiresAt) ?? "no end is known", .plain)
    add(&table, "refreshes", time(record.refreshAt), .plain)
    add(&table, "last refreshed", time(record.lastRefreshedAt), .plain)
    add(&table, "last attempt", time(record.lastAttemptAt), .plain)
    add(&table, "last error", record.lastError.map(spokenError), .yellow)
    add(&table, "failures in a row", record.consecutiveFailures > 0 ? String(record.consecutiveFailures) : nil, .yellow)
    add(&table, "refresh token ends", time(record.refreshTokenExpiresAt), .plain)
    add(&table, "generation", String(record.generation), .plain)
    add(&table, "connected", time(record.createdAt), .plain)
    for (name, value) in record.metadata.sorted(by: { $0.key < $1.key }) { add(&table, name, value, .plain) }
    return table
}

func spokenError(_ error: LastErrorBody) -> String {
    let status = error.providerStatus.map { " (status \($0))" } ?? ""
    return "\(error.code)\(status): \(error.detail)"
}
