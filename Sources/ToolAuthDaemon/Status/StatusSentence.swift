import ToolAuthCore

/// One true sentence on how the daemon is, for `systemctl status`: how many tokens are fresh, when the next is due, what is
/// wrong. Instants instead of spans, so that it stays true while nothing happens.
enum StatusSentence {
    static func make(_ status: ServiceStatus) -> String {
        var parts = [tokens(status)]
        if let nextDueAt = status.nextDueAt, status.held == nil, status.storeProblem == nil {
            parts.append("next refresh \(nextDueAt.toTheSecond)")
        }
        parts += troubles(status)
        return parts.joined(separator: "; ") + "."
    }

    private static func tokens(_ status: ServiceStatus) -> String {
        let total = status.tools.reduce(0) { $0 + $1.counts.total }
        // Of a tool that stands still, tokens are handed out while they last, but nobody keeps them fresh.
        let going = status.held == nil ? status.tools.filter { $0.status == .available } : []
        let healthy = going.reduce(0) { $0 + $1.counts.healthy }
        if status.tools.isEmpty { return "No tools are configured" }
        if total == 0 { return "No users are connected to \(counted(status.tools.count, "tool"))" }
        if total == healthy { return "\(counted(total, "token")) fresh" }
        return "\(healthy) of \(counted(total, "token")) fresh"
    }

    private static func troubles(_ status: ServiceStatus) -> [String] {
        var troubles: [String] = []
        let degraded = status.tools.reduce(0) { $0 + $1.counts.degraded }
        if degraded > 0 { troubles.append("\(degraded) failing to refresh") }
        let dead = status.tools.filter { $0.counts.needsReauthorization > 0 }
        if !dead.isEmpty {
            let users = dead.reduce(0) { $0 + $1.counts.needsReauthorization }
            troubles.append("\(counted(users, "user")) to connect again (\(names(dead)))")
        }
        let unavailable = status.tools.filter { $0.status == .unavailable }
        if !unavailable.isEmpty { troubles.append("unavailable: \(names(unavailable))") }
        let paused = status.tools.filter { $0.status == .paused }
        if !paused.isEmpty { troubles.append("paused: \(names(paused))") }
        if let held = status.held { troubles.append("held: \(held)") }
        if status.storeProblem != nil { troubles.append("the store takes nothing that is written") }
        if status.heldResults > 0 {
            troubles.append("\(counted(status.heldResults, "refresh", "refreshes")) in memory alone")
        }
        return troubles
    }

    /// The first few names, and how many more there are.
    private static func names(_ tools: [ServiceStatus.Tool]) -> String {
        let shown = tools.prefix(3).map(\.toolID.rawValue).joined(separator: ", ")
        return tools.count > 3 ? "\(shown) and \(tools.count - 3) more" : shown
    }

    private static func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
        count == 1 ? "1 \(noun)" : "\(count) \(plural ?? "\(noun)s")"
    }
}

extension Timestamp {
    /// `2026-01-31 09:05:07 UTC`
    fileprivate var toTheSecond: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
    }
}
