package import ToolAuthCore

/// Where events go. Called after what they tell of is stored, in order; must not block.
package protocol EventSink: Sendable {
    func emit(_ event: ToolAuthEvent)

    /// An attempt ended and is stored; told before the events it made.
    func attemptEnded(_ report: AttemptReport)

    /// Something that is about no single grant.
    func notice(_ notice: EngineNotice)
}

/// How one attempt ended, for whoever counts or traces them.
package struct AttemptReport: Sendable {
    package let key: ToolAuthKey
    package let outcome: RefreshOutcome
    /// From sending the request to knowing its end.
    package let duration: Duration
    package let endpoint: EndpointID
    package let nextAttemptAt: Timestamp?
    /// How long after its due time it ended; nil: it was not due.
    package let lag: Duration?
    /// Whether events tell of it too.
    package let changesStatus: Bool

    package init(
        key: ToolAuthKey, outcome: RefreshOutcome, duration: Duration, endpoint: EndpointID,
        nextAttemptAt: Timestamp?, lag: Duration?, changesStatus: Bool
    ) {
        self.key = key
        self.outcome = outcome
        self.duration = duration
        self.endpoint = endpoint
        self.nextAttemptAt = nextAttemptAt
        self.lag = lag
        self.changesStatus = changesStatus
    }
}
