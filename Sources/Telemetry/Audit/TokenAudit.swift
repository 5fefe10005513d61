package import ToolAuthCore

/// Tells which uses of tokens are new, and counts the others: a client that asks every second for the same token gets
/// one line at once, and one a minute for the rest.
///
/// Where one process follows upon another, as when a script calls `toolauthctl token` in a loop, the first hundred of a
/// minute have lines of their own, and the others one sum: of the same rule, user, unit and token, with how many they were.
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
        /// Besides those told of one by one, so many processes like this one got it so many times in all.
        case crowd(TokenUse, processes: Int, count: Int)
    }

    private struct Seen {
        let use: TokenUse
        var repeats: Int
        /// In which minute it was last counted with its crowd; nil: it is told of by itself.
        var crowdMinute: Int?
    }

    private struct Crowd {
        let use: TokenUse
        /// Those of this minute that had lines of their own.
        var told = 0
        var processes = 0
        var count = 0
    }

    private let halfCapacity: Int
    private let period: Duration
    private let crowdLimit: Int
    private var younger: [TokenUse.Identity: Seen] = [:]
    private var older: [TokenUse.Identity: Seen] = [:]
    private var crowds: [TokenUse.CrowdIdentity: Crowd] = [:]
    private var crowdsBegan: Timestamp?
    private var minute = 0
    /// When the first repeat not yet told of happened.
    private var began: Timestamp?

    /// - Parameters:
    ///   - capacity: how many uses are remembered at most; at least 2.
    ///   - crowdLimit: how many processes alike have lines of their own within a minute.
    package init(capacity: Int = 8192, crowdLimit: Int = 100, period: Duration = .seconds(60)) {
        self.crowdLimit = crowdLimit
        halfCapacity = max(1, capacity / 2)
        self.period = period
    }

    /// Takes note of a token handed out, and returns what is to be written down now. Call ``takeRepeats(at:)`` first.
    package mutating func record(_ use: TokenUse, at now: Timestamp) -> [Line] {
        let identity = use.identity
        if var seen = younger[identity] {
            countRepeat(&seen, at: now)
            younger[identity] = seen
            return []
        }
        if var seen = older.removeValue(forKey: identity) {
            countRepeat(&seen, at: now)
            return insert(seen, identity)
        }
        var seen = Seen(use: use, repeats: 0)
        if isTold(use, at: now) { return insert(seen, identity) + [.first(use)] }
        seen.crowdMinute = -1
        countRepeat(&seen, at: now)
        return insert(seen, identity)
    }

    private mutating func countRepeat(_ seen: inout Seen, at now: Timestamp) {
        if began == nil { began = now }
        guard seen.crowdMinute != nil else {
            seen.repeats += 1
            return
        }
        var crowd = crowds[seen.use.crowdIdentity] ?? Crowd(use: seen.use)
        crowd.count += 1
        if seen.crowdMinute != minute { crowd.processes += 1 }
        seen.crowdMinute = minute
        crowds[seen.use.crowdIdentity] = crowd
    }

    /// Whether a new use has a line of its own.
    private mutating func isTold(_ use: TokenUse, at now: Timestamp) -> Bool {
        let began = crowdsBegan ?? now
        if now >= began + period || now < began {
            // What was counted waits for its sum.
            crowds = crowds.filter { $0.value.count > 0 }
            for identity in crowds.keys { crowds[identity]?.told = 0 }
            crowdsBegan = now
        } else {
            crowdsBegan = began
        }
        guard var crowd = crowds[use.crowdIdentity] ?? (crowds.count < halfCapacity ? Crowd(use: use) : nil) else {
            return true
        }
        guard crowd.told < crowdLimit else { return false }
        crowd.told += 1
        crowds[use.crowdIdentity] = crowd
        return true
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
        for (identity, crowd) in crowds where crowd.count > 0 {
            lines.append(.crowd(crowd.use, processes: crowd.processes, count: crowd.count))
            crowds[identity]?.processes = 0
            crowds[identity]?.count = 0
        }
        minute += 1
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
        case .first(let use), .again(let use, _), .crowd(let use, _, _): Order(use: use)
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
