package import ToolAuthCore

/// Lets the first entries of a kind about a tool through in each minute, and counts the rest, so that a provider's
/// outage fills no journal.
///
/// A minute begins with the first entry that is let through; entries of one tool and kind are alike, whosever grant they
/// are about. Holds one small entry per tool and kind seen within the last minute.
package struct FloodGuard: Sendable {
    /// What is counted together.
    package struct Subject: Sendable, Hashable {
        package let kind: ToolAuthEvent.Kind
        /// nil: the daemon itself.
        package let toolID: ToolID?

        package init(_ kind: ToolAuthEvent.Kind, _ toolID: ToolID?) {
            self.kind = kind
            self.toolID = toolID
        }
    }

    /// How many were left out.
    package struct Summary: Sendable, Equatable {
        package let subject: Subject
        package let count: Int
        /// When the first of the minute was let through.
        package let since: Timestamp

        package init(subject: Subject, count: Int, since: Timestamp) {
            self.subject = subject
            self.count = count
            self.since = since
        }
    }

    private struct Minute {
        let began: Timestamp
        var passed: Int
        var leftOut: Int
    }

    private let limit: Int
    private let period: Duration
    private var minutes: [Subject: Minute] = [:]

    package init(limit: Int = 20, period: Duration = .seconds(60)) {
        self.limit = limit
        self.period = period
    }

    /// Whether to write an entry about `subject` now. Call ``takeSummaries(at:)`` first: a minute that is over goes on
    /// until it is taken.
    package mutating func admit(_ subject: Subject, at now: Timestamp) -> Bool {
        var minute = minutes[subject] ?? Minute(began: now, passed: 0, leftOut: 0)
        let admitted = minute.passed < limit
        if admitted { minute.passed += 1 } else { minute.leftOut += 1 }
        minutes[subject] = minute
        return admitted
    }

    /// Forgets the minutes that are over, and tells of those that left something out, oldest first. A clock set back
    /// ends a minute too.
    package mutating func takeSummaries(at now: Timestamp) -> [Summary] {
        take { [period] in now >= $0.began + period || now < $0.began }
    }

    /// Ends every minute at once, as before the daemon stops.
    package mutating func takeAll() -> [Summary] {
        take { _ in true }
    }

    /// When something left out is to be told of; nil: nothing was.
    package var nextSummary: Timestamp? {
        minutes.values.filter { $0.leftOut > 0 }.map { $0.began + period }.min()
    }

    private mutating func take(where isOver: (Minute) -> Bool) -> [Summary] {
        let over = minutes.filter { isOver($0.value) }
        for subject in over.keys { minutes[subject] = nil }
        return over.filter { $0.value.leftOut > 0 }
            .map { Summary(subject: $0.key, count: $0.value.leftOut, since: $0.value.began) }
            .sorted()
    }
}

extension FloodGuard.Summary: Comparable {
    package static func < (lhs: Self, rhs: Self) -> Bool {
        if lhs.since != rhs.since { return lhs.since < rhs.since }
        let names = (lhs.subject.toolID?.rawValue ?? "", rhs.subject.toolID?.rawValue ?? "")
        return names.0 == names.1
            ? lhs.subject.kind.rawValue < rhs.subject.kind.rawValue : bytesPrecede(names.0, names.1)
    }
}
