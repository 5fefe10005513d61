import ToolAuthCore

/// One record that is being seen to, from the wish to the stored end.
struct Work: Sendable {
    /// Indirect, so that looking at a record's work copies no grant.
    indirect enum Phase: Sendable {
        /// Waits for its turn at the endpoint.
        case queued
        /// The claim is on its way into the store.
        case claiming(Attempt)
        /// The store takes no claims; the grant is read, to be refreshed without one.
        case loading
        /// After a crash: the grant is read, to settle the attempt that was open.
        case recovering
        /// The provider is asked.
        case sending(ToolAuth, isClaimed: Bool)
        /// The end is on its way into the store.
        case committing(PendingCommit)
        /// The store refused the end; it is tried again at `retryAt`, or when the store works again (nil).
        case held(PendingCommit, retryAt: Timestamp?)
        /// This record alone cannot be claimed; left alone until then.
        case resting(until: Timestamp)
    }

    var reason: RefreshReason
    var phase: Phase
    /// In whose queue it is or was, whatever endpoint its tool has by now.
    var endpoint: EndpointID?
    /// By which clock its request was sent.
    var sentBoot: BootReference?
    /// What it holds at its endpoint; nil: nothing.
    var ticket: EndpointGovernor.Ticket?
    /// When the record was due, for the lag; nil: it was not.
    var dueAt: Timestamp?
    /// Whether it tries if its tool's pause is over.
    var isToolProbe = false
    /// Whether it settles what a crash left open, which the start waits for.
    var isRecovery = false
    /// How often the store refused its end.
    var storeFailures = 0

    /// Whether the store still shows the record as due.
    var isUnclaimed: Bool {
        switch phase {
        case .queued, .claiming, .loading, .resting: true
        case .recovering: false
        case .sending(_, let isClaimed): !isClaimed
        case .committing(let commit), .held(let commit, _): commit.attempt == nil
        }
    }
}
