import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    /// Forced refreshes of one record, failed ones included, are at least so far apart.
    static let forcedPace: Duration = .seconds(10)
    /// How long a caller of a forced refresh is kept; the attempt itself ends sooner, but it may be queued.
    static let forcedWait: Duration = .seconds(65)

    func tryRefreshToken(
        _ key: ToolAuthKey, refusedGeneration: Int64?
    ) async throws(ToolAuthError) -> ToolAuthRecord {
        let tool = try tools.tool(key.toolID)
        guard let found = try await stored({ () async throws(StoreError) in try await store.record(key) }) else {
            throw notConnected(key)
        }
        let record = seen(found, tool.client)
        if let refusedGeneration {
            if record.generation > refusedGeneration { return record }
            if record.generation < refusedGeneration {
                throw .invalidRequest(
                    field: "If-Match",
                    "Generation \(refusedGeneration) is newer than the stored \(record.generation); it was never handed out."
                )
            }
        }
        if let reason = record.status.reason { throw .reauthorizationRequired(record, reason) }
        if let obstacle = obstacle(to: record, tool) { throw obstacle.error }
        if !(tool.client?.policy.canRefresh(record, at: clock.now) ?? false), refusedGeneration == nil {
            throw ToolAuthError(
                .providerError,
                "There is nothing to refresh it with. If the provider refused the access token, say so with If-Match and its generation."
            )
        }
        if let retryAfter = remainingPace(record, tool.client?.policy ?? RefreshPolicy()) {
            var error = ToolAuthError(
                .refreshTooSoon, "The last attempt was too recent to send the refresh token again.")
            error.retryAfter = retryAfter
            throw error
        }
        let result = await wait(Self.forcedWait) {
            await engine.refresh(key, .forced(generation: record.generation))
        }
        if case .refreshed(let toolAuth) = result { return seen(toolAuth.record, tool.client) }
        if case .held(let until) = result {
            var error = ToolAuthError(.rateLimited, "The provider asked to be left alone until \(until).")
            error.retryAfter = until - clock.now
            throw error
        }
        throw refreshError(key, result)
    }

    /// How long nothing may be sent for this record yet; nil: it may now, or an attempt can be joined.
    private func remainingPace(_ record: ToolAuthRecord, _ policy: RefreshPolicy) -> Duration? {
        guard record.attempt == nil else { return nil }
        let now = clock.now
        let limits = [ResendRule(policy: policy, now: now).notBefore(record), policy.ownRate(record, now: now)]
        if let until = limits.compactMap(\.self).max(), until > now { return until - now }
        guard let lastAttemptAt = record.lastAttemptAt else { return nil }
        let since = now - lastAttemptAt
        return since >= .zero && since < Self.forcedPace ? Self.forcedPace - since : nil
    }

    /// Why there is no new token; nil: the attempt is not over yet.
    func refreshError(_ key: ToolAuthKey, _ result: RefreshResult?) -> ToolAuthError {
        switch result {
        case .failed(let toolAuth, let outcome):
            if let reason = toolAuth.record.status.reason { return .reauthorizationRequired(toolAuth.record, reason) }
            if case .unrefreshable = outcome {
                return ToolAuthError(.providerError, "There is no refresh token to get a new token with.")
            }
            return .refreshFailed(toolAuth.record, retryAt: toolAuth.record.nextAttemptAt, now: clock.now)
        case .gone:
            return notConnected(key)
        case .held(let until):
            var error = ToolAuthError(.providerUnreachable, "The provider asked to be left alone until \(until).")
            error.retryAfter = until - clock.now
            return error
        case .toolUnavailable(let detail):
            return ToolAuthError(.toolUnavailable, detail)
        case .toolPaused(let pause):
            return ToolAuthError(.toolPaused, pause.detail)
        case .onHold(let hold):
            return ToolObstacle(hold).error
        case .storeUnavailable(let error):
            return .storeUnavailable(error)
        case .stopping:
            var error = ToolAuthError(.refreshPending, "The daemon is stopping; ask again.")
            error.retryAfter = .seconds(1)
            return error
        case .refreshed, .abandoned, nil:
            var error = ToolAuthError(.refreshPending, "The refresh is still under way; it goes on, ask again.")
            error.retryAfter = .seconds(2)
            return error
        }
    }
}
