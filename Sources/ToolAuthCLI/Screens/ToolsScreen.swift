import SocketAPI

/// The configured tools, a row each.
///
/// - Parameter user: for whom they were asked; nil: for nobody.
func toolsTable(_ tools: [ToolBody], user: String?) -> Table {
    var table = Table([
        .init("TOOL"), .init("TITLE", least: 10), .init("PROVIDER", least: 8), .init("STATUS"),
        .init(user ?? ""), .init("NOTE", least: 10),
    ])
    for tool in tools {
        let (word, style) = connection(tool.isAuthRequired)
        table.add(
            .init(tool.toolID, .bold), .init(tool.title), .init(tool.provider),
            .init(tool.status, Style(status: tool.status)), .init(word, style), .init(tool.reason ?? "", .dim))
    }
    return table
}

/// Whether a user must connect a tool, in words.
func connection(_ isAuthRequired: Bool?) -> (String, Style) {
    switch isAuthRequired {
    case true?: ("must connect", .yellow)
    case false?: ("ready", .green)
    case nil: ("", .plain)
    }
}

/// A tool in one line: `slack is paused: An administrator paused it.`
func summary(_ tool: ToolBody, painter: Painter) -> String {
    let status = painter(terminalSafe(tool.status), Style(status: tool.status))
    return "\(terminalSafe(tool.toolID)) is \(status)" + (tool.reason.map { ": \(terminalSafe($0))" } ?? "")
}

/// A tool with all that is known of it, a line for each.
///
/// - Parameter status: its part of the daemon's status; nil: it was not to be had.
func toolTable(_ tool: ToolBody, user: String, status: ToolStatusBody?) -> Table {
    var table = Table([.init(""), .init("", least: 20)])
    table.add(.init("tool", .dim), .init(tool.toolID, .bold))
    table.add(.init("title", .dim), .init(tool.title))
    table.add(.init("provider", .dim), .init(tool.provider))
    table.add(.init("status", .dim), .init(tool.status, Style(status: tool.status)))
    if let reason = tool.reason { table.add(.init("reason", .dim), .init(reason)) }
    if tool.isAuthRequired != nil {
        let (word, style) = connection(tool.isAuthRequired)
        table.add(.init(user, .dim), .init(word, style))
    }
    if let status {
        let counts = statusOrder.map { "\(status.records[$0] ?? 0) \($0)" }.joined(separator: ", ")
        table.add(.init("grants", .dim), .init(counts))
    }
    return table
}

/// The statuses of grants in the order they are shown.
let statusOrder = ["healthy", "degraded", "needs_reauthorization"]
