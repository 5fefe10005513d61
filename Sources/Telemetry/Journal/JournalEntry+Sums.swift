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
        let sum = summary.total > summary.count ? " (\(summary.total) since \(summary.since))" : ""
        self.init(
            .floodSummary, summary.level,
            "\(summary.tools.sentenceSubject): \(summary.kind.inNumbers(summary.count)) within the last minute\(sum).")
        set(tools: summary.tools)
        set(JournalField.event, summary.kind.eventName)
        set(JournalField.count, String(summary.count))
        set(JournalField.total, String(summary.total))
    }
}

extension MessageID {
    /// The name of the kind, as `TOOLAUTH_EVENT` has it.
    fileprivate var eventName: String {
        ToolAuthEvent.Kind.allCases.first { $0.messageID == self }?.rawValue ?? "\(self)"
    }

    /// So many more of this kind, as a clause.
    fileprivate func inNumbers(_ count: Int) -> String {
        let users = count == 1 ? "1 more user" : "\(count) more users"
        let (isOrAre, have) = count == 1 ? ("is", "has") : ("are", "have")
        let times = count == 1 ? "once more" : "\(count) times more"
        return switch self {
        case .degraded: "the tokens of \(users) could not be refreshed"
        case .recovered: "the tokens of \(users) can be refreshed again"
        case .reauthorizationRequired: "\(users) must connect again"
        case .reauthorizationDue: "\(users) should connect again soon"
        case .connected: "\(users) \(isOrAre) connected"
        case .deleted: "\(users) \(isOrAre) disconnected, and the tokens are deleted"
        case .revocationFailed: "the tokens of \(users) are deleted but not revoked"
        case .recordFailing: "the store does not take what is written of \(users)"
        case .toolPaused: "paused \(times)"
        case .toolResumed: "resumed \(times)"
        case .endpointFailing: "a token endpoint began to fail for every grant \(times)"
        case .endpointRecovered: "a token endpoint answered again \(times)"
        case .storeErred: "the store failed at something \(times)"
        case .internalError: "\(count) internal error\(count == 1 ? "" : "s") \(have) been left out"
        default: "\(eventName) happened \(times)"
        }
    }
}
