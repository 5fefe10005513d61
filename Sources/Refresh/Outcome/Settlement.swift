package import ToolAuthCore

/// What is written down at the end of an attempt.
package struct Settlement: Sendable {
    /// The grant as it is to be stored.
    package var toolAuth: ToolAuth
    /// Whether its tokens differ from those claimed, so that a new generation begins.
    package var tokensChanged: Bool
    /// What to tell once it is stored, in order.
    package var events: [ToolAuthEvent.Kind]
}

/// Turns the end of an attempt into the grant's next state. Pure and total: the one place where an outcome has its
/// effect, and nothing here deletes anything.
package struct Settling: Sendable {
    package let policy: RefreshPolicy
    package let now: Timestamp
    package let boot: BootReference?
    /// Drawn from [0, 1), for jitter and back-off.
    package let uniform: Double

    /// Without a replay window, an unsettled refresh token is not sent again before the request must have ended at the
    /// provider too.
    package static let requestTimeout: Duration = .seconds(30)
    /// How long before its access token ends an unsettled grant is worth the risk of a resend.
    package static let resendLead: Duration = .seconds(120)
    package static let mostResends = 2
    /// After the last resend.
    package static let unsettledPause: Duration = .seconds(900)
    /// A provider that keeps refresh tokens is asked once more before a grant is given up.
    package static let confirmationDelay: Duration = .seconds(60)
    /// How often a refused client is tried.
    package static let clientProbeInterval: Duration = .seconds(300)

    package init(policy: RefreshPolicy, now: Timestamp, boot: BootReference? = nil, uniform: Double) {
        self.policy = policy
        self.now = now
        self.boot = boot
        self.uniform = uniform
    }

    /// - Parameters:
    ///   - claimed: As `TokenStore.claim` returned it.
    ///   - isReported: Whether somebody says that the provider refused the access token.
    ///   - isShared: Whether the endpoint fails for every record: its breaker then paces the attempts, and no record's
    ///     back-off grows on its account.
    package func settle(
        _ claimed: ToolAuth, _ outcome: RefreshOutcome, isReported: Bool = true, isShared: Bool = false
    ) -> Settlement {
        var settlement = settled(claimed, outcome, isReported: isReported, isShared: isShared)
        guard settlement.toolAuth.record.status.reason == nil else { return settlement }
        if GrantEnd(policy).announce(&settlement.toolAuth.record, now: now) {
            settlement.events.append(.reauthorizationDue)
        }
        return settlement
    }

    private func settled(
        _ claimed: ToolAuth, _ outcome: RefreshOutcome, isReported: Bool, isShared: Bool
    ) -> Settlement {
        var next = claimed
        next.record.attempt = nil
        next.record.lastAttemptAt = now
        next.record.attemptBoot = boot
        next.record.lastOutcome = outcome.name
        next.record.updatedAt = now
        switch outcome {
        case .refreshed(let grant):
            return refreshed(claimed, next, grant)
        case .transient(let failure, let retryAfter, let atEndpoint):
            let backoff = fail(&next.record, failure, isShared: isShared || atEndpoint)
            next.record.nextAttemptAt = now + max(retryAfter ?? .zero, backoff)
            return degraded(claimed, next)
        case .ambiguous(let failure):
            return ambiguous(claimed, next, failure, isShared: isShared)
        case .malformed(let failure, let refreshToken):
            guard let refreshToken, refreshToken != claimed.refreshToken else {
                return ambiguous(claimed, next, failure, isShared: false)
            }
            return rescued(claimed, next, failure, refreshToken)
        case .grantRejected(let failure):
            return grantRejected(claimed, next, failure)
        case .clientRejected(let failure):
            next.record.fail(failure)
            next.record.nextAttemptAt = now + Self.clientProbeInterval
            return degraded(claimed, next)
        case .requestRejected(let failure):
            next.record.fail(failure)
            next.record.nextAttemptAt = now + backoff(.rejected, next.record)
            return degraded(claimed, next)
        case .unrefreshable:
            return unrefreshable(claimed, next, isReported: isReported)
        }
    }

    // MARK: Success

    private func refreshed(_ claimed: ToolAuth, _ start: ToolAuth, _ grant: TokenGrant) -> Settlement {
        var next = start
        next.adopt(grant)
        next.record.boot = boot
        GrantEnd.count(&next.record, former: claimed.record.refreshTokenExpiresAt)
        next.record.lastRefreshedAt = now
        next.record.consecutiveFailures = 0
        next.record.lastError = nil
        next.record.settle()
        RefreshSchedule(policy).plan(&next.record, now: now, uniform: uniform)
        if let failure = grant.shortcoming {
            next.record.status = .degraded
            next.record.lastError = failure
            if grant.isUsable {
                next.record.consecutiveFailures = claimed.record.consecutiveFailures + 1
                next.record.nextAttemptAt = now + backoff(.transient, next.record)
            }
        } else {
            next.record.status = .healthy
        }
        var events: [ToolAuthEvent.Kind] = [.refreshed]
        if next.record.status != claimed.record.status {
            events.append(next.record.status == .healthy ? .recovered : .degraded)
        }
        return Settlement(toolAuth: next, tokensChanged: true, events: events)
    }

    // MARK: Failure

    private func degraded(_ claimed: ToolAuth, _ next: ToolAuth) -> Settlement {
        var next = next
        next.record.status = .degraded
        return Settlement(
            toolAuth: next, tokensChanged: false, events: claimed.record.status == .degraded ? [] : [.degraded])
    }

    /// The provider may have rotated. With a replay window the same token is sent again at once; without one, late and
    /// at most twice; where nothing rotates there is nothing to fear.
    private func ambiguous(
        _ claimed: ToolAuth, _ start: ToolAuth, _ failure: AttemptFailure, isShared: Bool
    ) -> Settlement {
        var next = start
        let backoff = fail(&next.record, failure, isShared: isShared)
        guard policy.rotation != .none else {
            next.record.nextAttemptAt = now + backoff
            return degraded(claimed, next)
        }
        let startedAt = claimed.record.attempt?.startedAt ?? now
        let wasUnsettled = claimed.record.unsettledSince != nil
        let since = claimed.record.unsettledSince ?? startedAt
        // Those within the window do not count: they cost nothing.
        let wasRisky = wasUnsettled && !policy.mayReplay(at: startedAt, firstSentAt: since)
        let resends = claimed.record.unsettledResends + (wasRisky ? 1 : 0)
        next.record.unsettledSince = since
        next.record.unsettledResends = resends
        let again = wasUnsettled ? now + backoff : now
        if policy.mayReplay(at: again, firstSentAt: since) {
            next.record.nextAttemptAt = again
        } else if resends >= Self.mostResends {
            next.record.nextAttemptAt = now + Self.unsettledPause
        } else {
            let latest = next.record.expiresAt.map { $0 - Self.resendLead } ?? now
            next.record.nextAttemptAt = max(now + Self.requestTimeout, latest)
        }
        return degraded(claimed, next)
    }

    /// No access token came, but a new refresh token did: it is all that keeps the grant alive.
    private func rescued(
        _ claimed: ToolAuth, _ start: ToolAuth, _ failure: AttemptFailure, _ refreshToken: Secret
    ) -> Settlement {
        var next = start
        next.refreshToken = refreshToken
        next.record.hasRefreshToken = true
        next.record.refreshTokenExpiresAt = nil
        next.record.settle()
        next.record.fail(failure)
        next.record.nextAttemptAt = now + backoff(.transient, next.record)
        var settlement = degraded(claimed, next)
        settlement.tokensChanged = true
        return settlement
    }

    private func grantRejected(_ claimed: ToolAuth, _ start: ToolAuth, _ failure: AttemptFailure) -> Settlement {
        var next = start
        next.record.fail(failure)
        let isUnsettled = claimed.record.unsettledSince != nil
        if policy.rotation == .none, !isUnsettled {
            let rejectedAt = claimed.record.grantRejectedAt ?? now
            guard now - rejectedAt >= Self.confirmationDelay else {
                next.record.grantRejectedAt = rejectedAt
                next.record.nextAttemptAt = rejectedAt + Self.confirmationDelay
                return degraded(claimed, next)
            }
        }
        next.record.nextAttemptAt = nil
        next.record.status = .needsReauthorization(isUnsettled ? .replyLost : .grantRejected)
        return Settlement(toolAuth: next, tokensChanged: false, events: [.reauthorizationRequired])
    }

    private func unrefreshable(_ claimed: ToolAuth, _ start: ToolAuth, isReported: Bool) -> Settlement {
        var next = start
        next.record.lastAttemptAt = claimed.record.lastAttemptAt
        next.record.nextAttemptAt = nil
        next.record.keepaliveAt = nil
        next.record.refreshAt = next.record.expiresAt
        let isAlive = next.record.expiresAt.map { $0 > now } ?? !isReported
        if isAlive, next.record.hasAccessToken {
            return Settlement(toolAuth: next, tokensChanged: false, events: [])
        }
        next.record.status = .needsReauthorization(.expiredUnrefreshable)
        return Settlement(toolAuth: next, tokensChanged: false, events: [.reauthorizationRequired])
    }

    private func backoff(_ backoff: Backoff, _ record: ToolAuthRecord) -> Duration {
        backoff.wait(failures: record.consecutiveFailures, uniform: uniform)
    }

    /// Notes a failure that passes by itself.
    ///
    /// - Returns: the back-off; that of a first failure where the endpoint fails for every record.
    private func fail(_ record: inout ToolAuthRecord, _ failure: AttemptFailure, isShared: Bool) -> Duration {
        guard isShared else {
            record.fail(failure)
            return backoff(.transient, record)
        }
        record.consecutiveFailures = max(1, record.consecutiveFailures)
        record.lastError = failure
        return Backoff.transient.wait(failures: 1, uniform: uniform)
    }
}

extension ToolAuthRecord {
    fileprivate mutating func fail(_ failure: AttemptFailure) {
        consecutiveFailures += 1
        lastError = failure
    }

    /// The provider's newest refresh token is known to be ours.
    package mutating func settle() {
        unsettledSince = nil
        unsettledResends = 0
        grantRejectedAt = nil
    }
}
