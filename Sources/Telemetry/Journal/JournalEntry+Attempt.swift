import Logging
package import ToolAuthCore

extension JournalEntry {
    /// The line that tells how an attempt ended which changed nothing about the grant's status: the second failure and
    /// all that follow. Debug, since the change itself has a line of its own.
    package init(
        attemptFor key: ToolAuthKey, endedAs outcome: RefreshOutcome, after duration: Duration?,
        at endpoint: EndpointID?, nextAttempt: Timestamp?
    ) {
        let cause = outcome.failure.map { ": \($0.detail) (\($0.code))" } ?? ""
        let next = nextAttempt.map { "; the next is at \($0)" } ?? ""
        self.init(
            .attemptEnded, .debug,
            "\(key.toolID): an attempt for \(key.userID) ended as \(outcome.name)\(cause)\(next).")
        set(JournalField.tool, key.toolID.rawValue)
        set(JournalField.user, key.userID.rawValue)
        set(JournalField.outcome, outcome.name)
        set(JournalField.error, outcome.failure?.code)
        set(JournalField.endpoint, endpoint?.rawValue)
        set(JournalField.durationUsec, duration?.usecField)
        set(JournalField.nextAttempt, nextAttempt?.description)
    }
}
