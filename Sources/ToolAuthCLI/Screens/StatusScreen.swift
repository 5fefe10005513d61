import SocketAPI
import ToolAuthCore

/// The daemon's status as lines for a person.
struct StatusScreen {
    let status: StatusBody
    let now: Timestamp
    let painter: Painter
    let width: Int?

    var lines: [String] {
        var sections = [heading]
        if !status.tools.isEmpty { sections.append(tools.lines(width: width, painter: painter)) }
        if !status.endpoints.isEmpty { sections.append(endpoints.lines(width: width, painter: painter)) }
        if !status.warnings.isEmpty {
            sections.append(status.warnings.flatMap(warning))
        }
        return Array(sections.joined(separator: [""]))
    }

    private func warning(_ text: String) -> [String] {
        let mark = "warning: "
        let lines = wrapped(terminalSafe(text), to: width.map { max(20, $0 - mark.utf8.count) })
        let indent = String(repeating: " ", count: mark.utf8.count)
        return lines.enumerated().map { ($0 == 0 ? painter("warning:", .yellow) + " " : indent) + $1 }
    }

    private var heading: [String] {
        let version = painter("toolauthd \(terminalSafe(status.version))", .bold)
        var lines = ["\(version), up \(spoken(.seconds(status.uptimeSeconds)))"]
        if let held = status.held {
            lines.append(painter("Refreshing is held: \(terminalSafe(held))", .yellow))
        } else if status.lagSeconds >= 1, status.lagSeconds.isFinite {
            let lag = spoken(.seconds(min(status.lagSeconds, 1e9)))
            lines.append(painter("Refreshing is \(lag) behind", .yellow))
        } else if let next = status.nextDueAt {
            lines.append("Next refresh \(terminalSafe(relative(rfc3339: next, to: now)))")
        } else {
            lines.append("Nothing is due to be refreshed")
        }
        if let problem = status.storeProblem {
            lines.append(painter("The store takes nothing that is written: \(terminalSafe(problem))", .red))
        }
        if status.heldResults > 0 {
            let tokens = status.heldResults == 1 ? "1 refresh is" : "\(status.heldResults) refreshes are"
            lines.append(painter("\(tokens) in memory alone until the store takes them; do not kill the daemon", .red))
        }
        return lines
    }

    private var tools: Table {
        var table = Table([
            .init("TOOL"), .init("STATUS"), .init("HEALTHY", .right), .init("DEGRADED", .right),
            .init("NEED USER", .right), .init("NOTE", least: 10),
        ])
        for tool in status.tools {
            let counts = statusOrder.map { name in
                let count = tool.records[name] ?? 0
                return Table.Cell(String(count), count == 0 ? .dim : Style(status: name))
            }
            table.add(
                .init(tool.toolID, .bold), .init(tool.status, Style(status: tool.status)), counts[0], counts[1],
                counts[2],
                .init(tool.reason ?? "", .dim))
        }
        return table
    }

    private var endpoints: Table {
        var table = Table([
            .init("TOKEN ENDPOINT", least: 24), .init("STATE"), .init("IN FLIGHT", .right), .init("QUEUED", .right),
        ])
        let hasQueues = status.endpoints.contains { $0.queued > 0 }
        for endpoint in status.endpoints {
            let (state, style) = standing(of: endpoint)
            table.add(
                .init(endpoint.endpoint), .init(state, style), .init(String(endpoint.inflight)),
                .init(hasQueues ? String(endpoint.queued) : ""))
        }
        return table
    }

    /// How an endpoint is, and when it is tried again.
    private func standing(of endpoint: EndpointStatusBody) -> (String, Style) {
        let again = endpoint.heldUntil.map { ", tries again \(relative(rfc3339: $0, to: now))" } ?? ""
        if endpoint.broken { return ("failing\(again)", .red) }
        if endpoint.open { return ("ok", .green) }
        return (endpoint.heldUntil == nil ? "not answering" : "told to wait\(again)", .yellow)
    }
}
