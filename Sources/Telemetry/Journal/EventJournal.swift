package import Logging
import Synchronization
package import ToolAuthCore

/// Writes what happens to the journal: a line for each event, sums instead of floods, and the audit of tokens.
///
/// Sums become due when nothing else happens, too: call ``flush()`` now and then, such as at each round of the watchdog,
/// and ``finish()`` at the end.
package final class EventJournal: Sendable {
    private struct State {
        var flood = FloodGuard()
        var refreshes = RefreshTally()
        var audit = TokenAudit()

        /// The lines of whatever minute is over.
        mutating func takeSums(at now: Timestamp) -> [JournalEntry] {
            refreshes.takeSummaries(at: now).map { JournalEntry($0) }
                + flood.takeSummaries(at: now).map { JournalEntry($0) }
                + audit.takeRepeats(at: now).map { JournalEntry($0) }
        }
    }

    private let logger: Logger
    private let clock: any WallClock
    private let state = Mutex(State())

    package init(logger: Logger, clock: any WallClock) {
        self.logger = logger
        self.clock = clock
    }

    /// Tells of an event.
    package func record(_ event: ToolAuthEvent) {
        let now = clock.now
        let writesRefreshes = logger.logLevel <= ToolAuthEvent.Kind.refreshed.level
        write { state in
            var entries = state.takeSums(at: now)
            if event.kind == .refreshed {
                // Never a flood: at the usual level it is only counted, and whoever sets debug wants to see each.
                if let toolID = event.toolID { state.refreshes.count(toolID, at: now) }
                if writesRefreshes { entries.append(JournalEntry(event)) }
            } else if state.flood.admit(FloodGuard.Subject(event.kind, event.toolID), at: now) {
                entries.append(JournalEntry(event))
            }
            return entries
        }
    }

    /// Tells of something that happened to the daemon.
    package func record(_ event: DaemonEvent) {
        JournalEntry(event).write(to: logger)
    }

    /// Tells how an attempt ended that made no event.
    package func recordAttempt(
        for key: ToolAuthKey, endedAs outcome: RefreshOutcome, after duration: Duration?, at endpoint: EndpointID?,
        nextAttempt: Timestamp?
    ) {
        guard logger.logLevel <= .debug else { return }
        JournalEntry(attemptFor: key, endedAs: outcome, after: duration, at: endpoint, nextAttempt: nextAttempt)
            .write(to: logger)
    }

    /// Writes down that a token was handed out; once for each client and token, repeats as a sum.
    package func recordUse(_ use: TokenUse) {
        let now = clock.now
        write { state in
            let sums = state.takeSums(at: now)
            return sums + state.audit.record(use, at: now).map { JournalEntry($0) }
        }
    }

    /// Writes the sums that are due.
    package func flush() {
        let now = clock.now
        write { $0.takeSums(at: now) }
    }

    /// When ``flush()`` next has something to write; nil: nothing waits.
    package var nextFlush: Timestamp? {
        state.withLock { state in
            [state.flood.nextSummary, state.refreshes.nextSummary, state.audit.nextRepeats].compactMap(\.self).min()
        }
    }

    /// Writes all sums, due or not: the last thing before the daemon ends.
    package func finish() {
        write { state in
            state.refreshes.takeAll().map { JournalEntry($0) }
                + state.flood.takeAll().map { JournalEntry($0) }
                + state.audit.takeAll().map { JournalEntry($0) }
        }
    }

    /// Collects lines under the lock and writes them without it, so that a slow journal holds up nobody else.
    private func write(_ collect: (inout State) -> [JournalEntry]) {
        for entry in state.withLock({ collect(&$0) }) { entry.write(to: logger) }
    }
}
