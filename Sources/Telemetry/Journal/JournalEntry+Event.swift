package import Logging
package import ToolAuthCore

extension JournalEntry {
    /// The line that tells of an event.
    package init(_ event: ToolAuthEvent) {
        self.init(event.kind.messageID, event.journalLevel, event.sentence, at: event.place)
        set(JournalField.event, event.kind.rawValue)
        set(JournalField.tool, event.toolID?.rawValue)
        set(JournalField.outcome, event.outcome)
        set(JournalField.error, event.failure?.code)
        set(JournalField.endpoint, event.endpoint?.rawValue)
        set(JournalField.durationUsec, event.duration?.usecField)
        guard let record = event.record else { return }
        set(JournalField.user, record.userID.rawValue)
        set(JournalField.generation, String(record.generation))
        set(JournalField.expiresAt, record.expiresAt?.description)
        set(JournalField.reason, record.status.reason?.rawValue)
        // A deleted grant is not due again.
        if event.kind != .deleted { set(JournalField.nextAttempt, record.dueAt?.description) }
    }
}

extension ToolAuthEvent.Kind {
    /// The journal's name for this kind.
    package var messageID: MessageID {
        switch self {
        case .connected: .connected
        case .refreshed: .refreshed
        case .degraded: .degraded
        case .recovered: .recovered
        case .reauthorizationRequired: .reauthorizationRequired
        case .reauthorizationDue: .reauthorizationDue
        case .deleted: .deleted
        case .revocationFailed: .revocationFailed
        case .toolPaused: .toolPaused
        case .toolResumed: .toolResumed
        case .configurationReloaded: .configurationReloaded
        }
    }

    /// How grave it is. What works as it should every few minutes is debug; what needs a person is warning; what
    /// stands still, or was given up, is error.
    package var level: Logger.Level {
        switch self {
        case .refreshed: .debug
        case .connected, .recovered, .deleted, .toolResumed, .configurationReloaded, .reauthorizationDue: .notice
        case .degraded, .reauthorizationRequired: .warning
        case .toolPaused, .revocationFailed: .error
        }
    }
}

extension ToolAuthEvent {
    /// A pause that an administrator wanted is nothing grave.
    var journalLevel: Logger.Level { kind == .toolPaused && failure == nil ? .notice : kind.level }

    fileprivate var sentence: String {
        let tool = toolID?.rawValue ?? "toolauthd"
        let user = record?.userID.rawValue ?? "the user"
        return switch kind {
        case .connected: "\(tool): \(user) is connected\(validity)."
        case .refreshed: "\(tool): the token of \(user) was refreshed\(pace)\(validity)."
        case .degraded: "\(tool): the token of \(user) could not be refreshed\(cause)\(next)."
        case .recovered: "\(tool): the token of \(user) can be refreshed again\(validity)."
        case .reauthorizationRequired: "\(tool): \(user) must connect again\(reason)\(cause)."
        case .reauthorizationDue: "\(tool): \(user) should connect again \(daysLeft).\(end)"
        case .deleted: "\(tool): \(user) is disconnected, and the tokens are deleted."
        case .revocationFailed: "\(tool): the tokens of \(user) are deleted but not revoked\(cause)."
        case .toolPaused: "\(tool): paused.\(explanation)"
        case .toolResumed: "\(tool): resumed.\(explanation)"
        case .configurationReloaded: "The configuration was reloaded\(cause)."
        }
    }

    private var validity: String { record?.expiresAt.map { "; valid until \($0)" } ?? "" }

    private var pace: String { duration.map { " in \(max(0, $0.wholeMilliseconds)) ms" } ?? "" }

    /// What went wrong, or else why, without its own full stop.
    private var cause: String {
        if let failure { return ": \(failure.sentencePart)" }
        let text = detail ?? ""
        let trimmed = text.hasSuffix(".") ? String(text.dropLast()) : text
        return trimmed.isEmpty ? "" : ": \(trimmed)"
    }

    private var next: String { record?.dueAt.map { "; the next attempt is at \($0)" } ?? "" }

    private var reason: String { record?.status.reason.map { " (\($0.rawValue))" } ?? "" }

    /// The grant lives at most so long: thresholds are announced when they are reached, or later.
    private var daysLeft: String {
        record?.announcedDays.map { $0 == 1 ? "within 1 day" : "within \($0) days" } ?? "soon"
    }

    /// When the grant ends. Whoever announces it knows; the record alone does not tell every end.
    private var end: String {
        if detail != nil { return explanation }
        return (record?.refreshTokenExpiresAt ?? record?.expiresAt).map { " The grant ends at \($0)." } ?? ""
    }

    /// `detail` as sentences of their own; else what went wrong.
    private var explanation: String {
        let text = detail ?? failure?.detail ?? ""
        if text.isEmpty { return "" }
        return text.hasSuffix(".") ? " \(text)" : " \(text)."
    }
}
