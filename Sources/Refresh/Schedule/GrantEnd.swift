package import ToolAuthCore

/// The end of a grant that no refresh moves, and when its user is to be told of it.
package struct GrantEnd: Sendable {
    /// Days before the end at which it is announced, each once per grant.
    package static let thresholds = [14, 7, 3, 1]
    /// Ends that a provider tells as a lifetime wander by the time the request takes; so much is no move.
    package static let tolerance: Duration = .seconds(120)
    /// So many refreshes in a row that left the end where it was show that none moves it.
    package static let unmovedRefreshes = 2

    package let policy: RefreshPolicy

    package init(_ policy: RefreshPolicy) {
        self.policy = policy
    }

    /// When the grant ends for good, as far as is known; nil: no end is, or every refresh moves it.
    package func end(of record: ToolAuthRecord) -> Timestamp? {
        if policy.needsNoUser { return nil }
        guard policy.canRefresh(record) else { return record.expiresAt }
        // Each access token buys the next one.
        guard policy.method == .refreshToken else { return policy.refreshTokenAbsolute.map { record.grantedAt + $0 } }
        var ends: [Timestamp] = []
        if let absolute = policy.refreshTokenAbsolute { ends.append(record.grantedAt + absolute) }
        if let lifetime = policy.refreshTokenLifetime, policy.rotation == .none {
            ends.append(record.grantedAt + lifetime)
        }
        if let told = record.refreshTokenExpiresAt, record.unmovedEnds >= Self.unmovedRefreshes { ends.append(told) }
        return ends.min()
    }

    /// Sets when the next announcement is due. Thresholds that lay before the grant began are never announced: nobody is
    /// told a minute after consent that the consent ends within the day.
    package func plan(_ record: inout ToolAuthRecord) {
        record.announceAt = nextThreshold(record).map(\.at)
    }

    private func nextThreshold(_ record: ToolAuthRecord) -> (days: Int, at: Timestamp)? {
        guard let end = end(of: record) else { return nil }
        return Self.thresholds.lazy
            .filter { days in record.announcedDays.map { days < $0 } ?? true }
            .map { (days: $0, at: end - .seconds($0 * 86_400)) }
            .first { $0.at > record.grantedAt }
    }

    /// Whether an announcement is due at `now`; if so, it is noted in the record, and the next one planned. Several that
    /// came due together are one.
    package func announce(_ record: inout ToolAuthRecord, now: Timestamp) -> Bool {
        var isDue = false
        while let next = nextThreshold(record), next.at <= now {
            record.announcedDays = next.days
            isDue = true
        }
        plan(&record)
        // An end that has passed is told by what happens then.
        return isDue && (end(of: record).map { $0 > now } ?? false)
    }

    /// Counts a refresh that moved, or did not move, the end that the provider tells.
    static func count(_ record: inout ToolAuthRecord, former: Timestamp?) {
        guard let former, let end = record.refreshTokenExpiresAt else {
            record.unmovedEnds = 0
            return
        }
        let moved = end - former
        record.unmovedEnds = moved < tolerance && moved > .zero - tolerance ? record.unmovedEnds + 1 : 0
    }
}
