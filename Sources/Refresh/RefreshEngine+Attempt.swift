import Logging
import ToolAuthCore

/// How an attempt ended for those who wait and for the schedule.
struct AttemptEnd: Sendable {
    var result: RefreshResult
    /// When the record is due next, as stored.
    var dueAt: Timestamp?
    /// The provider's Retry-After.
    var holdUntil: Timestamp?

    init(_ result: RefreshResult, dueAt: Timestamp? = nil, holdUntil: Timestamp? = nil) {
        self.result = result
        self.dueAt = dueAt
        self.holdUntil = holdUntil
    }
}

extension RefreshEngine {
    /// The most a Retry-After holds an endpoint.
    static let longestHold: Duration = .seconds(3600)
    /// When a record that may not be sent is looked at again.
    static let bindingRetryInterval: Duration = .seconds(3600)

    /// One attempt, from the claim to the commit.
    func attempt(_ key: ToolAuthKey, _ reason: RefreshReason) async -> AttemptEnd {
        guard let tool = tools.refreshable(key.toolID) else {
            return AttemptEnd(.toolUnavailable("The tool \(key.toolID) cannot refresh now."))
        }
        let claimed: ToolAuth
        do throws(StoreError) {
            let attempt = Attempt(id: Self.attemptID(), startedAt: clock.now)
            guard let found = try await store.claim(key, attempt) else { return AttemptEnd(.gone) }
            claimed = found
        } catch {
            logger.error("A refresh of \(key) could not be claimed: \(error.detail)")
            return AttemptEnd(.storeUnavailable(error), dueAt: clock.now + Self.storeRetryInterval)
        }
        if let obstacle = obstacle(to: claimed, reason, tool) { return await release(claimed, obstacle) }

        let sentAt = sleeperNow()
        let outcome: RefreshOutcome
        if claimed.refreshToken == nil || tool.policy.method == .none {
            outcome = .unrefreshable
        } else {
            let authentication = tool.authentication
            outcome =
                await withDeadline(Self.attemptTimeout, clock: sleeper) {
                    await authentication.tryRefreshToken(claimed)
                }
                ?? .ambiguous(
                    AttemptFailure(
                        code: "timeout", detail: "The attempt did not end within \(Self.attemptTimeout.inSeconds) s."))
        }
        let settlement = settling(tool.policy).settle(claimed, outcome, isReported: reason != .scheduled)
        let result = await commit(settlement, claimed, outcome)
        return await conclude(result, settlement, outcome, tool, duration: sentAt())
    }

    // MARK: Not sent after all

    private enum Obstacle {
        /// Somebody else already did what was wanted.
        case alreadyDone
        /// It is not due (any more).
        case notDue
        /// An attempt just failed, or the token may not be sent again yet; its failure is the answer.
        case tooSoon
        /// Its tokens may not be sent, or cannot be opened.
        case unsendable(AttemptFailure)
    }

    private func obstacle(to claimed: ToolAuth, _ reason: RefreshReason, _ tool: RefreshableTool) -> Obstacle? {
        let record = claimed.record
        if case .needsReauthorization(.undecryptable) = record.status {
            return .unsendable(
                AttemptFailure(code: "undecryptable", detail: "The stored tokens do not open under any key present."))
        }
        if !bytesEqual(record.clientID, tool.clientID) {
            return .unsendable(
                AttemptFailure(
                    code: "configuration_changed", detail: "The tokens belong to another client than the tool's."))
        }
        if !bytesEqual(record.tokenOrigin, tool.tokenOrigin) {
            return .unsendable(
                AttemptFailure(
                    code: "endpoint_changed",
                    detail: "The tokens came from \(record.tokenOrigin), the tool now names \(tool.tokenOrigin)."))
        }
        if let generation = reason.generation {
            // Whoever asked looked at the record before: it may have changed since.
            if record.generation > generation { return .alreadyDone }
            let rule = ResendRule(policy: tool.policy, now: clock.now)
            if record.status.reason != nil || rule.notBefore(record) != nil { return .tooSoon }
            if let nextAttemptAt = record.nextAttemptAt, nextAttemptAt > clock.now,
                let lastAttemptAt = record.lastAttemptAt, clock.now - lastAttemptAt < TokenReading.pace
            {
                return .tooSoon
            }
        } else {
            var unclaimed = record
            unclaimed.attempt = nil
            guard let dueAt = unclaimed.dueAt, dueAt <= clock.now else { return .notDue }
        }
        return nil
    }

    /// Takes the claim back, since nothing is sent.
    private func release(_ claimed: ToolAuth, _ obstacle: Obstacle) async -> AttemptEnd {
        var released = claimed
        released.record.attempt = nil
        if case .unsendable(let failure) = obstacle {
            // `undecryptable` is computed and must not be stored; the record heals when the key returns.
            released.record.status = .degraded
            released.record.lastError = failure
            released.record.nextAttemptAt = clock.now + Self.bindingRetryInterval
        }
        let settlement = Settlement(toolAuth: released, tokensChanged: false, events: [])
        let result = await commit(settlement, claimed, .unrefreshable)
        let stored: ToolAuth
        switch result {
        case .stored(let found): stored = found
        case .superseded(let current?): return AttemptEnd(.refreshed(current), dueAt: current.record.dueAt)
        case .superseded(nil): return AttemptEnd(.gone)
        }
        let dueAt = stored.record.dueAt
        switch obstacle {
        case .alreadyDone, .notDue: return AttemptEnd(.refreshed(stored), dueAt: dueAt)
        case .tooSoon:
            let failure = stored.record.lastError ?? AttemptFailure(code: "too_soon", detail: "It was just tried.")
            return AttemptEnd(.failed(stored, .transient(failure, retryAfter: nil, atEndpoint: false)), dueAt: dueAt)
        case .unsendable(let failure): return AttemptEnd(.failed(stored, .requestRejected(failure)), dueAt: dueAt)
        }
    }

    // MARK: Writing it down

    /// Commits until the store takes it: what a provider sent must not be lost to a full disk.
    private func commit(_ settlement: Settlement, _ claimed: ToolAuth, _ outcome: RefreshOutcome) async -> CommitResult
    {
        var failures = 0
        while true {
            do throws(StoreError) {
                return try await store.commit(
                    settlement.toolAuth, ending: claimed.record.attempt?.id, ifGeneration: claimed.record.generation,
                    tokensChanged: settlement.tokensChanged)
            } catch {
                failures += 1
                if failures == 1 {
                    logger.critical(
                        "The end of a refresh of \(claimed.key) (\(outcome.name)) is held in memory until it can be stored: \(error.detail)"
                    )
                }
                let wait = Backoff(base: .milliseconds(100), ceiling: .seconds(5), floor: .milliseconds(50))
                try? await sleeper.sleep(for: wait.wait(failures: failures, uniform: uniform()))
            }
        }
    }

    private func conclude(
        _ committed: CommitResult, _ settlement: Settlement, _ outcome: RefreshOutcome, _ tool: RefreshableTool,
        duration: Duration
    ) async -> AttemptEnd {
        let hold = holdUntil(outcome)
        switch committed {
        case .stored(let stored):
            events.attemptEnded(
                AttemptReport(
                    key: stored.key, outcome: outcome, duration: duration, endpoint: tool.endpoint,
                    nextAttemptAt: stored.record.dueAt, changesStatus: !settlement.events.isEmpty))
            for kind in settlement.events {
                var event = ToolAuthEvent(kind, at: clock.now, record: stored.record)
                event.outcome = outcome.name
                event.failure = outcome.failure ?? stored.record.lastError
                event.duration = duration
                event.endpoint = tool.endpoint
                events.emit(event)
            }
            if case .refreshed = outcome {
                return AttemptEnd(.refreshed(stored), dueAt: stored.record.dueAt, holdUntil: hold)
            }
            return AttemptEnd(.failed(stored, outcome), dueAt: stored.record.dueAt, holdUntil: hold)
        case .superseded(let current):
            if settlement.tokensChanged { await discard(settlement.toolAuth, newer: current, tool) }
            guard let current else { return AttemptEnd(.gone, holdUntil: hold) }
            return AttemptEnd(.refreshed(current), dueAt: current.record.dueAt, holdUntil: hold)
        }
    }

    /// A newer grant, or a deletion, won over these tokens: they are revoked, unless that would end the newer grant.
    private func discard(_ late: ToolAuth, newer: ToolAuth?, _ tool: RefreshableTool) async {
        guard tool.revokesSingleTokens else { return }
        // Where refresh tokens stay, the newer grant may go on with the very same one.
        var late = late
        if late.refreshToken == newer?.refreshToken { late.refreshToken = nil }
        if late.accessToken == newer?.accessToken { late.accessToken = nil }
        guard late.refreshToken != nil || late.accessToken != nil else { return }
        let now = clock.now
        do throws(StoreError) {
            try await store.enqueueRevocation(late, deadline: now + .seconds(86_400), now: now)
            await onRevocationQueued()
        } catch {
            logger.warning("A late token of \(late.key) could not be queued for revocation: \(error.detail)")
        }
    }

    private func holdUntil(_ outcome: RefreshOutcome) -> Timestamp? {
        guard case .transient(_, let retryAfter?, _) = outcome, retryAfter > .zero else { return nil }
        return clock.now + min(retryAfter, Self.longestHold)
    }

    /// Starts a stopwatch; the closure reads it.
    private func sleeperNow() -> @Sendable () -> Duration {
        let started = ContinuousClock.now
        return { ContinuousClock.now - started }
    }

    private static func attemptID() -> String {
        let high = UInt64.random(in: .min ... .max)
        let low = UInt64.random(in: .min ... .max)
        return String(high, radix: 36) + "-" + String(low, radix: 36)
    }
}
