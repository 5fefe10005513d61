import Refresh
import Telemetry
import ToolAuthCore

/// Passes events on to the journal, and sees to it that its sums are written when their minute is over.
final class JournalEvents: EventSink {
    private let journal: EventJournal
    private let timer: DispatchWakeTimer
    private let onChange: @Sendable () -> Void

    /// - Parameter onChange: hears that something changed which the status sentence may tell of.
    init(journal: EventJournal, timer: DispatchWakeTimer, onChange: @escaping @Sendable () -> Void) {
        self.journal = journal
        self.timer = timer
        self.onChange = onChange
        timer.onWake { [journal, weak timer] in
            journal.flush()
            timer?.arm(at: journal.nextFlush)
        }
    }

    func emit(_ event: ToolAuthEvent) {
        journal.record(event)
        timer.arm(at: journal.nextFlush)
        onChange()
    }

    func attemptEnded(_ report: AttemptReport) {
        onChange()
        guard !report.changesStatus else { return }
        journal.recordAttempt(
            for: report.key, endedAs: report.outcome, after: report.duration, at: report.endpoint,
            nextAttempt: report.nextAttemptAt)
    }

    /// Writes what is left.
    func finish() {
        timer.arm(at: nil)
        journal.finish()
    }
}
