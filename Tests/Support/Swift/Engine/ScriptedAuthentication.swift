package import ToolAuthCore

/// A provider that answers as told, and can be made to think for a while.
package final class ScriptedAuthentication: ToolAuthentication {
    private struct State {
        var attempts = 0
        var running = 0
        var mostAtOnce = 0
        var answer: RefreshOutcome?
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var exchangeError: ToolAuthError?
        var revocationFailure: AttemptFailure?
        var revoked: [ToolAuth] = []
    }

    package let toolID: ToolID
    private let state = Locked(State())
    private let success: @Sendable () -> TokenGrant
    private let clock: any WallClock

    /// - Parameter success: what a refresh or an exchange brings while nothing else is told.
    package init(toolID: ToolID, clock: any WallClock, success: @escaping @Sendable () -> TokenGrant) {
        self.toolID = toolID
        self.clock = clock
        self.success = success
    }

    package var attempts: Int { state.withLock { $0.attempts } }
    package var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }

    /// nil: new tokens.
    package func answer(_ outcome: RefreshOutcome?) { state.withLock { $0.answer = outcome } }

    /// Attempts do not end until ``release()``.
    package func hold() { state.withLock { $0.isHeld = true } }

    package func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHeld = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    package func tryRefreshToken(_ toolAuth: ToolAuth) async -> RefreshOutcome {
        let isHeld = state.withLock { state in
            state.attempts += 1
            state.running += 1
            state.mostAtOnce = max(state.mostAtOnce, state.running)
            return state.isHeld
        }
        if isHeld {
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    if state.isHeld { state.held.append(continuation) }
                    return !state.isHeld
                }
                if goOn { continuation.resume() }
            }
        }
        return state.withLock { state in
            state.running -= 1
            return state.answer ?? .refreshed(success())
        }
    }

    // MARK: Connecting and revoking

    /// nil: exchanges succeed.
    package func failExchange(_ error: ToolAuthError?) { state.withLock { $0.exchangeError = error } }

    /// nil: revocations succeed.
    package func failRevocation(_ failure: AttemptFailure?) { state.withLock { $0.revocationFailure = failure } }

    /// What was revoked, in order.
    package var revoked: [ToolAuth] { state.withLock { $0.revoked } }

    package func getAuthURL(for userID: UserID, options: AuthURLOptions) async throws -> PendingAuthorization {
        let id = String(UInt64.random(in: 0 ... .max), radix: 16)
        return PendingAuthorization(
            id: id, key: ToolAuthKey(toolID, userID), state: Secret("state-\(id)"), codeVerifier: nil, nonce: nil,
            authURL: "https://provider.test/authorize?state=state-\(id)", redirectURI: "http://127.0.0.1/callback",
            frontendRedirect: options.frontendRedirect, scope: "read", issuer: nil, requiresIssuer: false,
            clientID: "client", connection: [:], createdAt: clock.now, expiresAt: clock.now + .seconds(600))
    }

    package func retrieveAuthToken(from callback: Callback, pending: PendingAuthorization) async throws -> TokenGrant {
        if let error = state.withLock({ $0.exchangeError }) { throw error }
        return success()
    }

    package func revoke(_ toolAuth: ToolAuth) async throws {
        try state.withLock { state throws(AttemptFailure) in
            if let failure = state.revocationFailure { throw failure }
            state.revoked.append(toolAuth)
        }
    }
}
