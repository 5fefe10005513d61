package import ToolAuthCore

/// How soon a refresh token may be sent again for somebody who waits, whatever back-off says.
///
/// Two things are not for impatience to override: an unsettled token outside its replay window, which the provider may
/// take for stolen when it sees it twice, and the minute between a refusal and its confirmation.
package struct ResendRule: Sendable {
    package let policy: RefreshPolicy
    package let now: Timestamp

    package init(policy: RefreshPolicy, now: Timestamp) {
        self.policy = policy
        self.now = now
    }

    /// nil: now.
    package func notBefore(_ record: ToolAuthRecord) -> Timestamp? {
        let limits = [confirmation(of: record), resend(of: record)].compactMap { $0 }
        return limits.max().flatMap { $0 > now ? $0 : nil }
    }

    private func confirmation(of record: ToolAuthRecord) -> Timestamp? {
        record.grantRejectedAt.map { $0 + Settling.confirmationDelay }
    }

    private func resend(of record: ToolAuthRecord) -> Timestamp? {
        guard let since = record.unsettledSince, policy.rotation != .none,
            !policy.mayReplay(at: now, firstSentAt: since)
        else { return nil }
        let pause =
            record.unsettledResends >= Settling.mostResends ? Settling.unsettledPause : Settling.requestTimeout
        return record.lastAttemptAt.map { $0 + pause }
    }
}
