import SocketAPI

/// What a reload changed, a line each.
func reloadLines(_ report: ReloadBody) -> [String] {
    let parts = [
        ("Added", report.added), ("Changed", report.changed), ("Removed, grants kept", report.removed),
        ("In force", report.settings), ("Takes a restart", report.restartRequired),
    ]
    var lines = parts.filter { !$0.1.isEmpty }.map { "\($0.0): \(terminalSafe($0.1.joined(separator: ", ")))" }
    if lines.isEmpty { lines = ["Nothing has changed."] }
    return lines + report.problems.map { "Still wrong: \(terminalSafe($0))" }
}
