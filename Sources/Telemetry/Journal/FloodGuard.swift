package import Logging
package import ToolAuthCore

/// Lets the first lines of a kind through, and counts the rest, so that a provider's outage fills no journal.
///
/// Within any minute no more lines of a kind are let through than its limit says, and of one tool fewer, so that a tool
/// in trouble leaves room for the others. What is left out makes one sum a minute. A tool that left out more than a few
/// lines in one minute has none let through in the next: while a flood lasts, the sum alone goes on.
///
/// Holds a small entry for each kind, and one for each tool that was left out within the last minute.
package struct FloodGuard: Sendable {
    /// How many lines of a kind are let through within a minute.
    package struct Limit: Sendable {
        package let ofTool: Int
        package let inAll: Int

        package init(ofTool: Int, inAll: Int) {
            self.ofTool = ofTool
            self.inAll = inAll
        }
    }

    /// What is counted.
    package struct Subject: Sendable, Hashable {
        package let kind: MessageID
        /// nil: the daemon itself.
        package let toolID: ToolID?

        package init(_ kind: MessageID, _ toolID: ToolID?) {
            self.kind = kind
            self.toolID = toolID
        }
    }

    /// How many were left out.
    package struct Summary: Sendable, Equatable {
        package let kind: MessageID
        /// The most grave of them.
        package let level: Logger.Level
        /// Those that left something out, most first.
        package let tools: [ToolID]
        /// How many, in this minute.
        package let count: Int
        /// How many since the flood began.
        package let total: Int
        /// When it began.
        package let since: Timestamp

        package init(
            kind: MessageID, level: Logger.Level, tools: [ToolID], count: Int, total: Int, since: Timestamp
        ) {
            self.kind = kind
            self.level = level
            self.tools = tools
            self.count = count
            self.total = total
            self.since = since
        }
    }

    private struct Flood {
        /// When lines were let through within the last minute, and of which tool.
        var passed: [(at: Timestamp, toolID: ToolID?)] = []
        var leftOut: [ToolID?: Int] = [:]
        var level = Logger.Level.trace
        /// When the minute began that ends with the next sum.
        var began: Timestamp?
        /// Those that nothing is let through of.
        var flooding: Set<ToolID?> = []
        var total = 0
        var since: Timestamp?
    }

    private let limits: [MessageID: Limit]
    private let period: Duration
    private var floods: [MessageID: Flood] = [:]

    /// - Parameter limits: kinds that are not named have none.
    package init(limits: [MessageID: Limit] = Self.limits, period: Duration = .seconds(60)) {
        self.limits = limits
        self.period = period
    }

    /// Outages, and grants that end by thousands, each stay below ten lines a minute in all. What somebody did is told one
    /// by one for longer.
    package static let limits: [MessageID: Limit] = {
        var limits: [MessageID: Limit] = [
            .degraded: Limit(ofTool: 2, inAll: 3), .recovered: Limit(ofTool: 2, inAll: 3),
            .reauthorizationRequired: Limit(ofTool: 3, inAll: 4),
            .connected: Limit(ofTool: 6, inAll: 8), .deleted: Limit(ofTool: 6, inAll: 8),
        ]
        let others: [MessageID] = [
            .reauthorizationDue, .revocationFailed, .toolPaused, .toolResumed, .endpointFailing, .endpointRecovered,
            .providerClockSkewed, .recordFailing, .storeFailing, .storeRecovered, .scanFailed, .storeErred,
            .internalError, .clockStepped,
        ]
        for kind in others { limits[kind] = Limit(ofTool: 3, inAll: 3) }
        return limits
    }()

    /// Whether to write a line about `subject` now. Call ``takeSummaries(at:)`` first: a minute that is over goes on
    /// until it is taken.
    package mutating func admit(_ subject: Subject, _ level: Logger.Level, at now: Timestamp) -> Bool {
        guard let limit = limits[subject.kind] else { return true }
        var flood = floods[subject.kind] ?? Flood()
        defer { floods[subject.kind] = flood }
        flood.passed.removeAll { [period] in Self.isOver(since: $0.at, now, period) }
        let ofTool = flood.passed.count { $0.toolID == subject.toolID }
        if flood.passed.count < limit.inAll, ofTool < limit.ofTool, !flood.flooding.contains(subject.toolID) {
            flood.passed.append((now, subject.toolID))
            return true
        }
        if flood.began == nil { flood.began = flood.passed.first?.at ?? now }
        if flood.since == nil { flood.since = now }
        flood.leftOut[subject.toolID, default: 0] += 1
        flood.level = max(flood.level, level)
        return false
    }

    /// Ends the minutes that are over, and tells of those that left something out. A clock set back ends a minute too.
    package mutating func takeSummaries(at now: Timestamp) -> [Summary] {
        take(at: now) { [period] flood in flood.began.map { Self.isOver(since: $0, now, period) } ?? false }
    }

    /// Ends every minute at once, as before the daemon stops.
    package mutating func takeAll(at now: Timestamp) -> [Summary] { take(at: now) { _ in true } }

    /// When something left out is to be told of; nil: nothing was.
    package var nextSummary: Timestamp? {
        floods.values.filter { !$0.leftOut.isEmpty }.compactMap { flood in flood.began.map { $0 + period } }.min()
    }

    private static func isOver(since began: Timestamp, _ now: Timestamp, _ period: Duration) -> Bool {
        now >= began + period || now < began
    }

    private mutating func take(at now: Timestamp, where isOver: (Flood) -> Bool) -> [Summary] {
        // Nearly always nothing: this is asked for every token handed out.
        if floods.isEmpty { return [] }
        var summaries: [Summary] = []
        for (kind, var flood) in floods where isOver(flood) {
            if flood.leftOut.isEmpty {
                // A minute without a flood. What passed counts on, or is forgotten by the next to come.
                flood.began = nil
                flood.since = nil
                flood.total = 0
                flood.flooding = []
            } else {
                let count = flood.leftOut.values.reduce(0, +)
                flood.total += count
                let tools = flood.leftOut.compactMap { id, count in id.map { ($0, count) } }
                    .sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }
                summaries.append(
                    Summary(
                        kind: kind, level: flood.level, tools: tools.map(\.0), count: count, total: flood.total,
                        since: flood.since ?? now))
                let few = limits[kind]?.ofTool ?? 0
                flood.flooding = Set(flood.leftOut.filter { $0.value > few }.keys)
                flood.leftOut = [:]
                flood.level = .trace
                flood.began = now
            }
            floods[kind] = flood
        }
        return summaries.sorted { ($0.since, $0.kind.rawValue) < ($1.since, $1.kind.rawValue) }
    }
}
