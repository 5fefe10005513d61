import Logging
import ToolAuthCore

extension JournalEntry {
    /// The line that stands for a minute's successful refreshes of a tool.
    package init(_ summary: RefreshTally.Summary) {
        let tokens = summary.count == 1 ? "1 token was" : "\(summary.count) tokens were"
        self.init(.refreshSummary, .info, "\(summary.toolID): \(tokens) refreshed within the last minute.")
        set(JournalField.tool, summary.toolID.rawValue)
        set(JournalField.outcome, "refreshed")
        set(JournalField.count, String(summary.count))
    }

    /// The line that stands for those a flood left out; as grave as they were.
    package init(_ summary: FloodGuard.Summary) {
        let tool = summary.subject.toolID?.rawValue ?? "toolauthd"
        let name = summary.subject.kind.rawValue
        let entries = summary.count == 1 ? "1 more entry" : "\(summary.count) more entries"
        self.init(
            .floodSummary, summary.subject.kind.level,
            "\(tool): \(entries) like \(name) since \(summary.since), not shown one by one.")
        set(JournalField.tool, summary.subject.toolID?.rawValue)
        set(JournalField.event, name)
        set(JournalField.count, String(summary.count))
    }
}
