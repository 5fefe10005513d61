import Logging
import OAuth
import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func retrieveAuthToken(
        _ callback: Callback, expectedToolID: ToolID?, expectedUserID: UserID?, in scope: AccessScope
    ) async throws(ToolAuthError) -> CompletedAuthorization {
        let pending = try await consume(callback.state)
        do throws(ToolAuthError) {
            guard scope.covers(pending.key) else {
                throw ToolAuthError(
                    .forbidden, "The rule of this process does not cover the authorization's tool and user.")
            }
            if let expectedToolID, expectedToolID != pending.key.toolID {
                throw ToolAuthError(.invalidCallback, "The authorization is of another tool than expected.")
            }
            if let expectedUserID, expectedUserID != pending.key.userID {
                throw ToolAuthError(.invalidCallback, "The authorization is of another user than expected.")
            }
            let record = try await connect(callback, pending)
            await finish(pending, .connected, error: nil)
            return CompletedAuthorization(record: record, redirectTo: redirect(pending, .connected, error: nil))
        } catch {
            let code = error.provider?.code ?? error.code.name
            await finish(pending, CallbackCheck.status(after: error), error: code)
            var error = error
            error.redirectTo = redirect(pending, .failed, error: code)
            throw error
        }
    }

    /// Uses the state up, durably, before anything else happens with it.
    private func consume(_ state: Secret) async throws(ToolAuthError) -> PendingAuthorization {
        let now = clock.now
        let consumption = try await stored { () async throws(StoreError) in
            try await store.consume(state: state, now: now)
        }
        switch consumption {
        case .pending(let pending): return pending
        case .unknown:
            throw ToolAuthError(.invalidCallback, "The state is unknown: it was never given out, or is long over.")
        case .used:
            throw ToolAuthError(.invalidCallback, "The state was used before; start the authorization again.")
        case .expired:
            throw ToolAuthError(.invalidCallback, "The authorization has expired; start it again.")
        }
    }

    private func connect(_ callback: Callback, _ pending: PendingAuthorization) async throws(ToolAuthError)
        -> ToolAuthRecord
    {
        let client = try client(of: pending.key.toolID)
        guard bytesEqual(client.clientID, pending.clientID) else {
            throw ToolAuthError(
                .invalidCallback, "The tool got another client id meanwhile; start the authorization again.")
        }
        let grant: TokenGrant
        do {
            grant = try await client.authentication.retrieveAuthToken(from: callback, pending: pending)
        } catch {
            throw asToolAuthError(error, "The code could not be exchanged.")
        }
        try await keepWhatCannotBeReplaced(pending.key, grant, client)
        let toolAuth = newToolAuth(pending, grant, client)
        let result = try await stored { () async throws(StoreError) in try await store.put(toolAuth, .none) }
        switch result {
        case .created(let record), .replaced(let record, _):
            emit(.connected, record)
            await engine.note(record.toolID, dueAt: record.dueAt)
            return record
        case .mismatch:
            throw ToolAuthError(.internalError, "The grant could not be stored.")
        }
    }

    /// Some providers send a refresh token on the first consent only. The tokens of such a later consent would end within
    /// the hour and take a grant with them that goes on for months; and whose account they are of cannot be told, so the old
    /// refresh token is not put beside them. The working grant stays.
    private func keepWhatCannotBeReplaced(
        _ key: ToolAuthKey, _ grant: TokenGrant, _ client: Tool.Client
    ) async throws(ToolAuthError) {
        guard grant.refreshToken == nil, grant.expiresAt != nil, client.policy.method == .refreshToken else { return }
        let former = try await stored { () async throws(StoreError) in try await store.record(key) }
        guard let former, former.hasRefreshToken, former.status.reason == nil,
            bytesEqual(former.clientID, client.clientID), bytesEqual(former.tokenOrigin, client.origin(of: grant))
        else { return }
        var error = ToolAuthError(
            .providerError,
            "The provider sent no refresh token this time, so the grant that works is kept. To replace it, remove the application's access in the account at the provider and connect again."
        )
        error.provider = AttemptFailure(code: "no_refresh_token", detail: "The provider sent no refresh token.")
        throw error
    }

    private func newToolAuth(
        _ pending: PendingAuthorization, _ grant: TokenGrant, _ client: Tool.Client
    ) -> ToolAuth {
        let now = clock.now
        var record = ToolAuthRecord(
            key: pending.key, tokenType: grant.tokenType, scope: grant.scope ?? pending.scope,
            obtainedAt: grant.obtainedAt, expiresAt: grant.expiresAt, hasAccessToken: true,
            hasRefreshToken: grant.refreshToken != nil, clientID: client.clientID,
            tokenOrigin: client.origin(of: grant),
            createdAt: now)
        record.refreshTokenExpiresAt = grant.refreshTokenExpiresAt
        record.boot = clock.boot
        record.metadata = grant.metadata
        if let shortcoming = grant.shortcoming {
            record.status = .degraded
            record.lastError = shortcoming
        }
        RefreshSchedule(client.policy).plan(&record, now: now, uniform: uniform())
        return ToolAuth(record: record, accessToken: grant.accessToken, refreshToken: grant.refreshToken)
    }

    /// Records how the flow ended. The grant is stored already, so a failure here is only told to the journal.
    private func finish(_ pending: PendingAuthorization, _ status: AuthorizationStatus, error: String?) async {
        do throws(StoreError) {
            try await store.finish(
                authorization: pending.id, status, error: error, keepUntil: clock.now + Self.outcomeRetention)
        } catch {
            events.notice(.storeErred("the end of an authorization", error))
        }
    }

    private func redirect(
        _ pending: PendingAuthorization, _ result: FrontendRedirect.Result, error: String?
    ) -> String? {
        pending.frontendRedirect.flatMap {
            FrontendRedirect.url($0, toolID: pending.key.toolID, result: result, error: error)
        }
    }
}
