import SocketAPI
import ToolAuthCore

/// An event in one line: `09:05:07  auth.degraded  gmail of alice: timeout: No reply within 30 s.`
func eventLine(_ event: EventBody, now: Timestamp, painter: Painter) -> String {
    let time = painter(String(now.description.dropFirst(11).prefix(8)), .dim)
    let kind = painter(terminalSafe(event.kind).padded(to: 29), style(of: event.kind))
    return "\(time)  \(kind)  \(text(of: event))".trimmingEnd()
}

private func style(of kind: String) -> Style {
    switch kind {
    case "auth.connected", "auth.recovered", "tool.resumed": .green
    case "auth.degraded", "auth.reauthorization_due", "auth.revocation_failed", "reset": .yellow
    case "auth.reauthorization_required", "tool.paused": .red
    default: .plain
    }
}

private func text(of event: EventBody) -> String {
    if let record = event.record {
        let who = "\(terminalSafe(record.toolID)) of \(terminalSafe(record.userID))"
        if let reason = record.reason { return "\(who): \(terminalSafe(spokenReason(reason)))" }
        let isFailure = event.kind == "auth.degraded" || event.kind == "auth.revocation_failed"
        if isFailure, let error = record.lastError { return "\(who): \(terminalSafe(spokenError(error)))" }
        guard event.kind != "auth.deleted", let end = record.expiresAt else { return who }
        return "\(who), valid until \(terminalSafe(end))"
    }
    if let tool = event.tool {
        return terminalSafe(tool.toolID) + (tool.reason.map { ": \(terminalSafe($0))" } ?? "")
    }
    return event.kind == "reset" ? "earlier events are forgotten: look at everything anew" : ""
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - displayWidth(self)))
    }

    fileprivate func trimmingEnd() -> String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}
