package import ToolAuthCore

/// A change that many records of a tool undergo outside of any attempt.
package enum Replanning: Sendable {
    /// The tool's configuration changed, or its pause is over: due times are made anew, and what failed comes due over a
    /// while. What an unsettled token or a refusal to be confirmed waits for stays as it is.
    case policy(RefreshPolicy)
    /// The wall clock was set: instants of this boot move along.
    case clock
    /// The wall clock had been ahead when these were written: their expiry is unknown, and they come due one by one over a
    /// while, where the tool's policy gives them anything to be refreshed with.
    case unknownExpiry(RefreshPolicy)

    /// An instant so far in the future shows that the clock was ahead when it was written.
    package static let futureTolerance: Duration = .seconds(60)
    /// So long after an attempt no provider answers its refresh token again.
    package static let beyondReplay: Duration = .seconds(86_400)
    /// Over how long records of unknown expiry are spread.
    package static let spread: Duration = .seconds(600)

    /// - Parameters:
    ///   - moment: of one look at the clock, so that what is written here moves along when it is set next.
    ///   - uniform: drawn from [0, 1) for this record.
    /// - Returns: whether it changed the record.
    package func apply(to record: inout ToolAuthRecord, at moment: Moment, uniform: Double) -> Bool {
        let (now, boot) = (moment.now, moment.boot)
        switch self {
        case .policy(let policy):
            guard record.status.reason == nil else { return false }
            let waits = record.unsettledSince != nil || record.grantRejectedAt != nil
            let former = record
            RefreshSchedule(policy).plan(&record, now: now, uniform: uniform)
            if waits {
                record.nextAttemptAt = former.nextAttemptAt
            } else if record.status == .degraded, let dueAt = record.dueAt, dueAt > now + Self.spread * uniform {
                // What failed may work now: it is tried before its token nears its end.
                record.nextAttemptAt = now + Self.spread * uniform
                record.attemptBoot = boot
            }
            // An expiry that is unknown since the clock was ahead gives no due time; the one it was given stands.
            if policy.canRefresh(record), record.expiresAt == nil, record.refreshAt == nil {
                record.refreshAt = former.refreshAt
            }
            return record != former
        case .clock:
            let adjusted = record.adjusted(to: boot)
            defer { record = adjusted }
            return adjusted != record
        case .unknownExpiry(let policy):
            let former = record
            record = record.adjusted(to: boot)
            let (horizon, wait) = (now + Self.futureTolerance, Self.spread * uniform)
            if record.obtainedAt > horizon {
                record.obtainedAt = now
                record.boot = boot
                record.expiresAt = nil
                record.keepaliveAt = nil
                // With nothing to refresh it there is nothing to come due for: it is served until somebody reports it refused.
                record.refreshAt = policy.canRefresh(record) ? now + wait : nil
            }
            if let last = record.lastAttemptAt, last > horizon {
                record.lastAttemptAt = now
                record.attemptBoot = boot
                // How long ago is not known: no provider's replay window is counted on any more.
                record.unsettledSince = record.unsettledSince.map { min($0, now - Self.beyondReplay) }
                record.grantRejectedAt = record.grantRejectedAt.map { min($0, now) }
                record.nextAttemptAt = record.nextAttemptAt.map { _ in now + max(Settling.requestTimeout, wait) }
            }
            return record != former
        }
    }
}
