package import ToolAuthCore

/// When a token is refreshed, as a function of its life and its tool's policy.
///
/// With L the lifetime counted from sending the request:
///
/// - lead = clamp(fraction · L, minimum, maximum), at most L/2; L/2 where L is under four minutes.
/// - jitter is uniform in [0, min(jitter · L, lead/2, maximum − lead)], drawn once and stored, so that tokens minted
///   together do not come due together.
/// - refreshAt = expiresAt − lead − jitter, never sooner than max(10 s, L/10) after the token was obtained, and never
///   sooner before expiry than the provider allows (`earliest`). With `at_least` it is no later than that after the token
///   was obtained.
package struct RefreshSchedule: Sendable {
    /// A token that lives no longer than this is of no use to anybody and counts as a failed refresh.
    package static let shortestUsefulLifetime: Duration = .seconds(10)

    package let policy: RefreshPolicy

    package init(_ policy: RefreshPolicy) {
        self.policy = policy
    }

    /// How long before its end a token of `lifetime` is refreshed, jitter left out.
    package func lead(lifetime: Duration) -> Duration {
        let half = lifetime / 2
        if lifetime < .seconds(240) { return bounded(half) }
        let wanted = max(policy.aheadMinimum, min(lifetime * policy.aheadFraction, policy.aheadMaximum))
        return bounded(min(wanted, half))
    }

    /// The width of the span over which due times are spread.
    package func jitterSpan(lifetime: Duration) -> Duration {
        let lead = lead(lifetime: lifetime)
        var span = min(lifetime * policy.jitter, lead / 2, policy.aheadMaximum - lead)
        if let earliest = policy.earliest { span = min(span, earliest - lead) }
        return max(span, .zero)
    }

    /// - Parameter uniform: drawn from [0, 1).
    package func refreshAt(obtainedAt: Timestamp, expiresAt: Timestamp, uniform: Double) -> Timestamp {
        let lifetime = expiresAt - obtainedAt
        let ahead = lead(lifetime: lifetime) + jitterSpan(lifetime: lifetime) * uniform
        var planned = expiresAt - ahead
        if let atLeast = policy.atLeast { planned = min(planned, obtainedAt + atLeast) }
        if let earliest = policy.earliest { planned = max(planned, expiresAt - earliest) }
        return max(planned, obtainedAt + max(.seconds(10), lifetime / 10))
    }

    /// Half the idle window after the refresh token was last used.
    package func keepaliveAt(lastUsedAt: Timestamp) -> Timestamp? {
        policy.refreshTokenIdle.map { lastUsedAt + $0 / 2 }
    }

    private func bounded(_ lead: Duration) -> Duration {
        policy.earliest.map { min($0, lead) } ?? lead
    }
}

extension RefreshSchedule {
    /// Sets `refreshAt` and `keepaliveAt` of a grant whose tokens just changed.
    ///
    /// A grant without a refresh token comes due when its access token ends, to be told that only its user can bring it
    /// back. A refresh token alone is due at once.
    package func plan(_ record: inout ToolAuthRecord, now: Timestamp, uniform: Double) {
        record.nextAttemptAt = nil
        GrantEnd(policy).plan(&record)
        let refreshable = policy.canRefresh(record)
        let mayIdle = refreshable && policy.method == .refreshToken
        record.keepaliveAt = mayIdle ? keepaliveAt(lastUsedAt: record.obtainedAt) : nil
        guard refreshable else {
            record.refreshAt = record.expiresAt
            return
        }
        guard record.hasAccessToken else {
            record.refreshAt = now
            return
        }
        guard policy.eagerness != .onDemand else {
            record.refreshAt = nil
            return
        }
        guard let expiresAt = record.expiresAt else {
            record.refreshAt = policy.atLeast.map { record.obtainedAt + max(.seconds(10), $0) }
            return
        }
        record.refreshAt = refreshAt(obtainedAt: record.obtainedAt, expiresAt: expiresAt, uniform: uniform)
    }

    /// Whether, with the policy `active`, nobody has fetched the token for so long that it is not refreshed ahead of time
    /// any more. A grant never fetched yet counts from the consent.
    package func isDormant(_ record: ToolAuthRecord, now: Timestamp) -> Bool {
        policy.eagerness == .active && now - (record.lastUsedAt ?? record.grantedAt) > policy.idleAfter
    }
}
