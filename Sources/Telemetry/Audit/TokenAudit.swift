package import ToolAuthCore

/// Tells which uses of tokens are new, and counts the others: a client that asks every second for the same token gets
/// one line at once, and one a minute for the rest.
///
/// Memory is bounded. Uses are remembered in two halves; when the younger is full, the older is forgotten. A use forgotten
/// too early is told of as new once more: the audit may repeat itself, but leaves out nothing.
package struct TokenAudit: Sendable {
    /// What is to be written down.
    package enum Line: Sendable, Equatable {
        /// This client got this token for the first time.
        case first(TokenUse)
        /// It got it so many times more.
        case again(TokenUse, count: Int)
    }

    private struct Seen {
        let use: TokenUse
        var repeats: Int
    }

    private let halfCapacity: Int
    private let period: Duration
    private var younger: [TokenUse.Identity: Seen] = [:]
    private var older: [TokenUse.Identity: Seen] = [:]
    /// When the first repeat not yet told of happened.
    private var began: Timestamp?

    /// - Parameter capacity: how many uses are remembered at most; at least 2.
    package init(capacity: Int = 8192, period: Duration = .seconds(60)) {
        halfCapacity = max(1, capacity / 2)
        self.period = period
    }

    /// Takes note of a token handed out, and returns what is to be written down now. Call ``takeRepeats(at:)`` first.
    package mutating func record(_ use: TokenUse, at now: Timestamp) -> [Line] {
        let identity = use.identity
        if younger[identity] != nil {
            younger[identity]?.repeats += 1
            if began == nil { began = now }
            return []
        }
        if var seen = older.removeValue(forKey: identity) {
            seen.repeats += 1
            if began == nil { began = now }
            return insert(seen, identity)
        }
        return insert(Seen(use: use, repeats: 0), identity) + [.first(use)]
    }

    /// The repeats of the minute if it is over. A clock set back ends it too.
    package mutating func takeRepeats(at now: Timestamp) -> [Line] {
        guard let began, now >= began + period || now < began else { return [] }
        return takeAll()
    }

    /// The repeats not yet told of, as before the daemon stops. What was seen stays remembered.
    package mutating func takeAll() -> [Line] {
        began = nil
        var lines: [Line] = []
        Self.takeRepeats(of: &older, into: &lines)
        Self.takeRepeats(of: &younger, into: &lines)
        return lines.sorted { $0.order < $1.order }
    }

    /// When there are repeats to tell of; nil: none happened.
    package var nextRepeats: Timestamp? { began.map { $0 + period } }

    /// How many uses are remembered; never more than the capacity.
    package var count: Int { younger.count + older.count }

    private mutating func insert(_ seen: Seen, _ identity: TokenUse.Identity) -> [Line] {
        var lines: [Line] = []
        if younger.count >= halfCapacity {
            Self.takeRepeats(of: &older, into: &lines)
            older = younger
            younger = [:]
        }
        younger[identity] = seen
        return lines.sorted { $0.order < $1.order }
    }

    private static func takeRepeats(of half: inout [TokenUse.Identity: Seen], into lines: inout [Line]) {
        for index in half.indices where half.values[index].repeats > 0 {
            lines.append(.again(half.values[index].use, count: half.values[index].repeats))
            half.values[index].repeats = 0
        }
    }
}

extension TokenAudit.Line {
    /// Lines of one moment are told in the order of tool, user, process and token.
    fileprivate var order: Order {
        switch self {
        case .first(let use), .again(let use, _): Order(use: use)
        }
    }

    fileprivate struct Order: Comparable {
        let use: TokenUse

        static func < (lhs: Self, rhs: Self) -> Bool {
            if lhs.use.key != rhs.use.key { return lhs.use.key < rhs.use.key }
            return (lhs.use.peerPID, lhs.use.generation) < (rhs.use.peerPID, rhs.use.generation)
        }
    }
}
