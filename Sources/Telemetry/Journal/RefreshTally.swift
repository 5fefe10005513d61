package import ToolAuthCore

/// Counts successful refreshes by tool, minute by minute: each is only a debug line, their number is news.
///
/// A minute begins with its first refresh, so that an idle daemon has none.
package struct RefreshTally: Sendable {
    /// How many there were.
    package struct Summary: Sendable, Equatable {
        package let toolID: ToolID
        package let count: Int

        package init(toolID: ToolID, count: Int) {
            self.toolID = toolID
            self.count = count
        }
    }

    private let period: Duration
    private var began: Timestamp?
    private var counts: [ToolID: Int] = [:]

    package init(period: Duration = .seconds(60)) {
        self.period = period
    }

    package mutating func count(_ toolID: ToolID, at now: Timestamp) {
        if began == nil { began = now }
        counts[toolID, default: 0] += 1
    }

    /// The sums of the minute if it is over, by tool. A clock set back ends it too.
    package mutating func takeSummaries(at now: Timestamp) -> [Summary] {
        guard let began, now >= began + period || now < began else { return [] }
        return takeAll()
    }

    /// Ends the minute at once, as before the daemon stops.
    package mutating func takeAll() -> [Summary] {
        defer {
            began = nil
            counts = [:]
        }
        return counts.map { Summary(toolID: $0.key, count: $0.value) }.sorted { $0.toolID < $1.toolID }
    }

    /// When the minute is over; nil: none has begun.
    package var nextSummary: Timestamp? { began.map { $0 + period } }
}
