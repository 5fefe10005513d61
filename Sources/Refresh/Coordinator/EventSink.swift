package import ToolAuthCore

/// Where events go. Called after what they tell of is stored, in order; must not block.
package protocol EventSink: Sendable {
    func emit(_ event: ToolAuthEvent)

    /// An attempt ended and is stored; told before the events it made.
    func attemptEnded(_ report: AttemptReport)
}

/// How one attempt ended, for whoever counts or traces them.
package struct AttemptReport: Sendable {
    package let key: ToolAuthKey
    package let outcome: RefreshOutcome
    /// From sending the request to knowing its end.
    package let duration: Duration
    package let endpoint: EndpointID
    package let nextAttemptAt: Timestamp?
    /// Whether events tell of it too.
    package let changesStatus: Bool

    package init(
        key: ToolAuthKey, outcome: RefreshOutcome, duration: Duration, endpoint: EndpointID,
        nextAttemptAt: Timestamp?, changesStatus: Bool
    ) {
        self.key = key
        self.outcome = outcome
        self.duration = duration
        self.endpoint = endpoint
        self.nextAttemptAt = nextAttemptAt
        self.changesStatus = changesStatus
    }
}
