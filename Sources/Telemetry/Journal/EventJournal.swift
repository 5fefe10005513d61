package import Logging
package import ToolAuthCore

/// Writes what happens to the journal: a line for each event, sums instead of floods, and the audit of tokens.
///
/// Sums become due when nothing else happens, too: call ``flush()`` at ``nextFlush``, and ``finish()`` at the end.
package final class EventJournal: Sendable {
    private struct State {
        var flood = FloodGuard()
        var outages = Outages()
        var refreshes = RefreshTally()
        var audit = TokenAudit()

        /// The lines of whatever minute is over.
        mutating func takeSums(at now: Timestamp) -> [JournalEntry] {
            refreshes.takeSummaries(at: now).map { JournalEntry($0) }
                + flood.takeSummaries(at: now).map { JournalEntry($0) }
                + audit.takeRepeats(at: now).map { JournalEntry($0) }
        }

        /// The line as it is to be written: one of too many is for debugging alone.
        mutating func admitted(_ entry: JournalEntry, at now: Timestamp) -> JournalEntry {
            let toolID = entry.fields[JournalField.tool].flatMap { ToolID($0) }
            let isAdmitted = flood.admit(FloodGuard.Subject(entry.messageID, toolID), entry.level, at: now)
            return isAdmitted ? entry : entry.forDebugging
        }

        /// Whether the event has a line of its own.
        mutating func admits(_ event: ToolAuthEvent, at now: Timestamp) -> Bool {
            if event.kind == .refreshed {
                // Never a flood: at the usual level it is only counted, and whoever sets debug wants to see each.
                if let toolID = event.toolID { refreshes.count(toolID, at: now) }
                return true
            }
            if outages.covers(event) { return false }
            return flood.admit(FloodGuard.Subject(event.kind.messageID, event.toolID), event.journalLevel, at: now)
        }
    }

    private let logger: Logger
    private let clock: any WallClock
    private let state = Locked(State())

    package init(logger: Logger, clock: any WallClock) {
        self.logger = logger
        self.clock = clock
    }

    /// Tells of an event.
    package func record(_ event: ToolAuthEvent) {
        let now = clock.now
        let threshold = logger.logLevel
        write { state in
            let sums = state.takeSums(at: now)
            let isAdmitted = state.admits(event, at: now)
            // By thousands, most are not written: then they are not worded either.
            guard threshold <= (isAdmitted ? event.journalLevel : .debug) else { return sums }
            return sums + [isAdmitted ? JournalEntry(event) : JournalEntry(event).forDebugging]
        }
    }

    /// Tells of something that happened to the daemon.
    package func record(
        _ event: DaemonEvent, file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        record(event, at: SourcePlace(file, function, line))
    }

    /// - Parameter place: nil: nobody would be helped by it.
    package func record(_ event: DaemonEvent, at place: SourcePlace?) {
        let now = clock.now
        write { state in
            let entry = JournalEntry(state.outages.note(event, at: now), at: place)
            return state.takeSums(at: now) + [state.admitted(entry, at: now)]
        }
    }

    /// Writes a line, unless it is one of too many alike.
    package func record(_ entry: JournalEntry) {
        let now = clock.now
        write { state in
            state.takeSums(at: now) + [state.admitted(entry, at: now)]
        }
    }

    /// Tells how an attempt ended that made no event.
    package func recordAttempt(
        for key: ToolAuthKey, endedAs outcome: RefreshOutcome, after duration: Duration?, at endpoint: EndpointID?,
        nextAttempt: Timestamp?
    ) {
        let now = clock.now
        write { state in
            if state.outages.owes(key, outcome, at: endpoint) {
                let entry = JournalEntry(
                    failing: key, outcome, after: duration, at: endpoint, nextAttempt: nextAttempt)
                return state.takeSums(at: now) + [state.admitted(entry, at: now)]
            }
            guard logger.logLevel <= .debug else { return [] }
            return [
                JournalEntry(
                    attemptFor: key, endedAs: outcome, after: duration, at: endpoint, nextAttempt: nextAttempt)
            ]
        }
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
        // Asked for each token handed out, so without arrays.
        state.withLock { state in
            Self.sooner(state.flood.nextSummary, Self.sooner(state.refreshes.nextSummary, state.audit.nextRepeats))
        }
    }

    private static func sooner(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// Writes all sums, due or not: the last thing before the daemon ends.
    package func finish() {
        let now = clock.now
        write { state in
            state.refreshes.takeAll().map { JournalEntry($0) }
                + state.flood.takeAll(at: now).map { JournalEntry($0) }
                + state.audit.takeAll().map { JournalEntry($0) }
        }
    }

    /// Collects lines under the lock and writes them without it, so that a slow journal holds up nobody else.
    private func write(_ collect: (inout State) -> [JournalEntry]) {
        for entry in state.withLock({ collect(&$0) }) { entry.write(to: logger) }
    }
}
