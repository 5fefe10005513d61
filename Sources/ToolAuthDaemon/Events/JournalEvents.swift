import Refresh
import Telemetry
import ToolAuthCore

/// Passes events on to the journal, the metrics and whoever follows them, and sees to it that its sums are written when their minute is over.
final class JournalEvents: EventSink {
    private let journal: EventJournal
    private let hub: EventHub
    private let metrics: RefreshMetrics
    private let timer: DispatchWakeTimer
    private let onChange: @Sendable () -> Void

    /// - Parameter onChange: hears that something changed which the status sentence may tell of.
    init(
        journal: EventJournal, hub: EventHub, metrics: RefreshMetrics, timer: DispatchWakeTimer,
        onChange: @escaping @Sendable () -> Void
    ) {
        self.journal = journal
        self.hub = hub
        self.metrics = metrics
        self.timer = timer
        self.onChange = onChange
        timer.onWake { [journal, weak timer] in
            journal.flush()
            timer?.arm(at: journal.nextFlush)
        }
    }

    func emit(_ event: ToolAuthEvent) {
        journal.record(event)
        hub.publish(event)
        timer.arm(at: journal.nextFlush)
        onChange()
    }

    func attemptEnded(_ report: AttemptReport) {
        onChange()
        metrics.attemptEnded(
            tool: report.key.toolID, outcome: report.outcome.name, duration: report.duration, lag: report.lag)
        guard !report.changesStatus else { return }
        journal.recordAttempt(
            for: report.key, endedAs: report.outcome, after: report.duration, at: report.endpoint,
            nextAttempt: report.nextAttemptAt)
        timer.arm(at: journal.nextFlush)
    }

    func notice(_ notice: EngineNotice) {
        // Which step of the engine it was is no help to anybody: what happened is.
        journal.record(DaemonEvent(notice), at: nil)
        timer.arm(at: journal.nextFlush)
        onChange()
    }

    /// Something that a part of the daemon wants told, which may be one of many alike.
    func report(_ entry: JournalEntry) {
        journal.record(entry)
        timer.arm(at: journal.nextFlush)
    }

    /// A token was handed to a client.
    func tokenUsed(_ use: TokenUse) {
        journal.recordUse(use)
        timer.arm(at: journal.nextFlush)
    }

    /// Writes what is left.
    func finish() {
        timer.arm(at: nil)
        journal.finish()
    }
}

extension DaemonEvent {
    init(_ notice: EngineNotice) {
        switch notice {
        case .storeFailing(let error): self = .storeFailing(detail: error.detail)
        case .storeRecovered: self = .storeRecovered
        case .scanFailed(let error): self = .scanFailed(detail: error.detail)
        case .storeErred(let what, let error): self = .storeErred(what: what, detail: error.detail)
        case .recordFailing(let key, let error, let holdsTokens):
            self = .recordFailing(key, detail: error.detail, holdsTokens: holdsTokens)
        case .clockSet(let step): self = .clockStepped(by: step)
        case .clockWasAhead(let lead): self = .clockWasAhead(by: lead)
        case .providerSkew(let endpoint, let skew):
            self = .providerClockSkewed(endpoint: endpoint.rawValue, by: skew)
        case .endpointFailing(let endpoint, let tools, let failure):
            self = .endpointFailing(endpoint, of: tools, failure)
        case .endpointRecovered(let endpoint, let tools):
            self = .endpointRecovered(endpoint, of: tools, after: nil)
        case .holdEnded: self = .resumed
        }
    }
}
