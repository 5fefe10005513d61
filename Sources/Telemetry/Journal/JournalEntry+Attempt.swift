import Logging
package import ToolAuthCore

extension JournalEntry {
    /// The line that tells how an attempt ended which changed nothing about the grant's status: the second failure and
    /// all that follow. Debug, since the change itself has a line of its own.
    package init(
        attemptFor key: ToolAuthKey, endedAs outcome: RefreshOutcome, after duration: Duration?,
        at endpoint: EndpointID?, nextAttempt: Timestamp?
    ) {
        let cause = outcome.failure.map { ": \($0.sentencePart)" } ?? ""
        let next = nextAttempt.map { "; the next is at \($0)" } ?? ""
        self.init(
            .attemptEnded, .debug,
            "\(key.toolID): an attempt for \(key.userID) ended as \(outcome.name)\(cause)\(next).")
        set(key, outcome, duration, endpoint, nextAttempt)
    }

    /// The line that tells that a grant goes on failing, where an outage had been all that was told.
    package init(
        failing key: ToolAuthKey, _ outcome: RefreshOutcome, after duration: Duration?, at endpoint: EndpointID?,
        nextAttempt: Timestamp?
    ) {
        let cause = outcome.failure.map { ": \($0.sentencePart)" } ?? ""
        let next = nextAttempt.map { "; the next attempt is at \($0)" } ?? ""
        self.init(
            .degraded, ToolAuthEvent.Kind.degraded.level,
            "\(key.toolID): the token of \(key.userID) could not be refreshed\(cause)\(next).")
        set(JournalField.event, ToolAuthEvent.Kind.degraded.rawValue)
        set(key, outcome, duration, endpoint, nextAttempt)
    }

    private mutating func set(
        _ key: ToolAuthKey, _ outcome: RefreshOutcome, _ duration: Duration?, _ endpoint: EndpointID?,
        _ nextAttempt: Timestamp?
    ) {
        set(JournalField.tool, key.toolID.rawValue)
        set(JournalField.user, key.userID.rawValue)
        set(JournalField.outcome, outcome.name)
        set(JournalField.error, outcome.failure?.code)
        set(JournalField.endpoint, endpoint?.rawValue)
        set(JournalField.durationUsec, duration?.usecField)
        set(JournalField.nextAttempt, nextAttempt?.description)
    }
}

extension AttemptFailure {
    /// What went wrong, and its code unless that is said already: to stand in a sentence, without a full stop.
    var sentencePart: String {
        let trimmed = detail.hasSuffix(".") ? String(detail.dropLast()) : detail
        if trimmed.isEmpty { return code }
        // A code of one word may be any word of the sentence.
        return code.contains("_") && trimmed.contains(code) ? trimmed : "\(trimmed) (\(code))"
    }
}
