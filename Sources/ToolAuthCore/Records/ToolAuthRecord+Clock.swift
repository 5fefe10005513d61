extension ToolAuthRecord {
    /// The record as the wall clock of this moment would have written it: where somebody set the clock since, all
    /// instants move with it. Unchanged where nobody did, or in what other boots wrote: the tokens' instants and those of
    /// the last attempt are told apart, for a clock that was wrong in this boot says nothing of the one before.
    public func adjusted(to boot: BootReference?) -> ToolAuthRecord {
        guard let boot else { return self }
        var record = self
        if let step = self.boot.flatMap({ boot.step(since: $0) }) {
            record.boot = boot
            record.moveTokens(by: step)
        }
        if let step = attemptBoot.flatMap({ boot.step(since: $0) }) {
            record.attemptBoot = boot
            record.moveAttempt(by: step)
        }
        return record
    }

    private mutating func moveTokens(by step: Duration) {
        obtainedAt = obtainedAt + step
        expiresAt = expiresAt.map { $0 + step }
        refreshTokenExpiresAt = refreshTokenExpiresAt.map { $0 + step }
        refreshAt = refreshAt.map { $0 + step }
        keepaliveAt = keepaliveAt.map { $0 + step }
        announceAt = announceAt.map { $0 + step }
        lastRefreshedAt = lastRefreshedAt.map { $0 + step }
    }

    private mutating func moveAttempt(by step: Duration) {
        nextAttemptAt = nextAttemptAt.map { $0 + step }
        lastAttemptAt = lastAttemptAt.map { $0 + step }
        unsettledSince = unsettledSince.map { $0 + step }
        grantRejectedAt = grantRejectedAt.map { $0 + step }
    }
}
