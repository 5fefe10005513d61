package import ToolAuthCore

/// What a reader of a token gets, decided from what is stored. Pure; the service carries it out.
package struct TokenReading: Sendable {
    package enum Decision: Sendable, Equatable {
        /// The stored token, at once.
        case serve(TokenWarning?)
        /// Ask for a refresh first. `fallback`: the stored token is valid and may be handed out with this warning if the
        /// refresh does not come in time.
        case refresh(fallback: TokenWarning?, isValid: Bool)
        case fail(ToolAuthError)
    }

    /// A failed attempt keeps readers of an expired token from causing the next for so long.
    package static let pace: Duration = .seconds(10)
    /// A token younger than this is not refreshed for a reader who wants a longer life than the provider gives.
    package static let leastAge: Duration = .seconds(30)

    package let policy: RefreshPolicy
    /// Why the tool cannot refresh; nil: it can.
    package let obstacle: ToolObstacle?
    /// Whether tokens of the record's type are handed out.
    package let isUsableType: Bool
    package let now: Timestamp

    package init(policy: RefreshPolicy, obstacle: ToolObstacle?, isUsableType: Bool, now: Timestamp) {
        self.policy = policy
        self.obstacle = obstacle
        self.isUsableType = isUsableType
        self.now = now
    }

    package func decide(_ record: ToolAuthRecord, _ query: TokenQuery) -> Decision {
        let remaining = record.remainingLife(at: now)
        guard record.hasAccessToken, remaining.map({ $0 > .zero }) ?? true else { return decideWithoutToken(record) }
        guard isUsableType else { return .fail(.unusableType(record)) }
        let standing = standingWarning(record)
        guard let remaining, remaining < query.minimumValidity else { return .serve(standing) }
        let warning = standing ?? shorterThanAsked(remaining, query)
        guard mayAskAhead(record, remaining) else { return .serve(warning) }
        return .refresh(fallback: warning, isValid: true)
    }

    /// What is wrong although the token is valid.
    package func standingWarning(_ record: ToolAuthRecord) -> TokenWarning? {
        if let reason = record.status.reason {
            return TokenWarning(
                .reauthorizationRequired, "The user must connect the tool again (\(reason.rawValue)).")
        }
        if let obstacle { return obstacle.warning }
        guard record.status == .degraded else { return nil }
        return TokenWarning(.refreshFailed, record.lastError?.detail ?? "The last refresh failed.")
    }

    package func shorterThanAsked(_ remaining: Duration, _ query: TokenQuery) -> TokenWarning {
        let detail =
            "The token lives \(remaining.components.seconds) s more; \(query.minimumValidity.components.seconds) s were asked for."
        return TokenWarning(.shorterThanAsked, detail)
    }

    // MARK: Refreshing a valid token

    private func mayAskAhead(_ record: ToolAuthRecord, _ remaining: Duration) -> Bool {
        guard obstacle == nil, record.status.reason == nil, isRefreshable(record) else { return false }
        if let earliest = policy.earliest, remaining > earliest { return false }
        if let nextAttemptAt = record.nextAttemptAt, nextAttemptAt > now { return false }
        guard let expiresAt = record.expiresAt else { return false }
        return now - record.obtainedAt >= min((expiresAt - record.obtainedAt) / 2, Self.leastAge)
    }

    private func isRefreshable(_ record: ToolAuthRecord) -> Bool {
        policy.canRefresh(record, at: now)
    }

    // MARK: No valid token

    private func decideWithoutToken(_ record: ToolAuthRecord) -> Decision {
        if let reason = record.status.reason { return .fail(.reauthorizationRequired(record, reason)) }
        if let obstacle { return .fail(obstacle.error) }
        guard isRefreshable(record) else { return .fail(.reauthorizationRequired(record, .expiredUnrefreshable)) }
        if let retryAt = record.nextAttemptAt, retryAt > now, !mayOverrideBackoff(record) {
            return .fail(.refreshFailed(record, retryAt: retryAt, now: now))
        }
        return .refresh(fallback: nil, isValid: false)
    }

    /// A reader of an expired token does not sit out a back-off, but neither does he drive the provider mad.
    private func mayOverrideBackoff(_ record: ToolAuthRecord) -> Bool {
        switch record.lastOutcome {
        case "request_rejected", "client_rejected": return false
        default: break
        }
        if let lastAttemptAt = record.lastAttemptAt, now - lastAttemptAt < Self.pace { return false }
        return ResendRule(policy: policy, now: now).notBefore(record) == nil
    }
}

/// Why a tool cannot refresh.
package struct ToolObstacle: Sendable, Equatable {
    package let isPaused: Bool
    /// Whether not the tool but the whole store is held.
    package let isHeld: Bool
    /// One sentence.
    package let detail: String

    package init(isPaused: Bool, isHeld: Bool = false, detail: String) {
        self.isPaused = isPaused
        self.isHeld = isHeld
        self.detail = detail
    }

    package var error: ToolAuthError {
        ToolAuthError(isHeld ? .held : isPaused ? .toolPaused : .toolUnavailable, detail)
    }

    package var warning: TokenWarning { TokenWarning(isHeld ? .held : .toolPaused, detail) }
}
