import Logging
import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func getAuthURL(
        _ key: ToolAuthKey, options: AuthURLOptions
    ) async throws(ToolAuthError) -> PendingAuthorization {
        let client = try client(of: key.toolID)
        let pending: PendingAuthorization
        do {
            pending = try await client.authentication.getAuthURL(for: key.userID, options: options)
        } catch {
            throw asToolAuthError(error, "The authorization URL could not be made.")
        }
        let begun = try await stored { () async throws(StoreError) in
            // Here instead of on a timer: an idle daemon sleeps, and nothing piles up while nobody begins a flow.
            try await store.purgeAuthorizations(now: pending.createdAt, keepExpiredFor: Self.outcomeRetention)
            return try await store.begin(pending, perRecord: Self.pendingPerRecord, inAll: Self.pendingInAll)
        }
        guard begun else {
            var error = ToolAuthError(.rateLimited, "Too many authorizations are pending; wait until some end.")
            error.retryAfter = .seconds(60)
            throw error
        }
        return pending
    }

    func authorization(_ id: String, in scope: AccessScope) async throws(ToolAuthError) -> AuthorizationSummary {
        let now = clock.now
        let summary = try await stored { () async throws(StoreError) in
            try await store.authorization(id, now: now)
        }
        guard let summary, scope.covers(summary.key) else { throw unknownAuthorization }
        return summary
    }

    func cancelAuthorization(_ id: String, in scope: AccessScope) async throws(ToolAuthError) {
        _ = try await authorization(id, in: scope)
        let existed = try await stored { () async throws(StoreError) in try await store.cancel(authorization: id) }
        if !existed { throw unknownAuthorization }
    }

    private var unknownAuthorization: ToolAuthError {
        ToolAuthError(.unknownAuthorization, "There is no such authorization, or it ended more than 10 min ago.")
    }

    /// What an authentication class threw, which should be a ``ToolAuthError``.
    func asToolAuthError(_ error: any Error, _ detail: String) -> ToolAuthError {
        if let error = error as? ToolAuthError { return error }
        // The API tells the journal.
        return ToolAuthError(.internalError, "\(detail) (\(type(of: error)))")
    }
}
