package import ToolAuthCore

/// The authorization code grant with PKCE, refresh and revocation, as one tool's configuration says: the authentication
/// class of every tool that needs no code of its own.
package struct OAuth2Authentication: ToolAuthentication {
    package let configuration: OAuth2Configuration
    private let transport: any HTTPTransport
    private let clock: any WallClock
    private let random: any RandomSource

    package init(
        configuration: OAuth2Configuration, transport: any HTTPTransport, clock: any WallClock = SystemWallClock(),
        random: any RandomSource = SystemRandomSource()
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        self.random = random
    }

    package var toolID: ToolID { configuration.toolID }

    package func getAuthURL(for userID: UserID, options: AuthURLOptions) async throws -> PendingAuthorization {
        try AuthorizationRequest.build(configuration, userID: userID, options: options, now: clock.now, random: random)
    }

    /// The secrets to try, in order; a public client has none.
    private var secrets: [Secret?] {
        configuration.clientSecrets.isEmpty ? [nil] : configuration.clientSecrets
    }

    // MARK: Exchange

    package func retrieveAuthToken(
        from callback: Callback, pending: PendingAuthorization
    ) async throws -> TokenGrant {
        let code = try CallbackCheck.code(
            of: callback, pending: pending, codeParameter: configuration.authorization.codeParameter)
        let success = try await exchange(code, pending)
        if let idToken = success.idToken, let nonce = pending.nonce {
            try IDToken.check(
                idToken, nonce: nonce, issuer: configuration.issuer, clientID: configuration.clientID)
        }
        var grant = success.grant
        for name in configuration.authorization.callbackMetadata {
            guard let value = callback.parameters[name], grant.metadata[name] == nil else { continue }
            grant.metadata[name] = value
        }
        return grant
    }

    /// Redeems the code. Where the provider refused the client it looked no further, so the code is still whole and goes
    /// out once more with the next secret.
    private func exchange(
        _ code: Secret, _ pending: PendingAuthorization
    ) async throws(ToolAuthError) -> ExchangeClassification.Success {
        var rejected: ToolAuthError?
        for secret in secrets {
            let request: TokenRequest
            do throws(TokenRequest.Impossible) {
                request = try .exchange(code: code, pending: pending, configuration, clientSecret: secret)
            } catch {
                throw ToolAuthError(
                    .toolUnavailable, "the configuration of \(toolID) makes no request: \(error.detail)")
            }
            let (result, context) = await send(request.http, keepsRefreshToken: false)
            do throws(ToolAuthError) {
                return try ExchangeClassification.success(
                    of: result, configuration.token.response, context, secrets: request.secrets, now: clock.now)
            } catch {
                guard error.reason == "client_rejected" else { throw error }
                rejected = error
            }
        }
        throw rejected ?? ToolAuthError(.toolUnavailable, "\(toolID) has no client secret")
    }

    // MARK: Refresh

    package func tryRefreshToken(_ toolAuth: ToolAuth) async -> RefreshOutcome {
        guard configuration.refreshPolicy.method == .refreshToken, let refreshToken = toolAuth.refreshToken,
            !refreshToken.isEmpty
        else { return .unrefreshable }
        if let foreign = bindingProblem(toolAuth.record) { return .requestRejected(foreign) }
        var outcome = RefreshOutcome.unrefreshable
        for secret in secrets {
            var request: TokenRequest
            do throws(TokenRequest.Impossible) {
                request = try .refresh(refreshToken, record: toolAuth.record, configuration, clientSecret: secret)
            } catch {
                return .requestRejected(AttemptFailure(code: "invalid_configuration", detail: error.detail))
            }
            prepare(&request.http, for: toolAuth.record)
            let (result, context) = await send(request.http, keepsRefreshToken: true)
            outcome = RefreshClassification.outcome(
                of: result, configuration.refresh.response, context, secrets: request.secrets, now: clock.now)
            // An explicit refusal of the client: nothing was rotated. Any other end is this attempt's.
            guard case .clientRejected = outcome else { break }
        }
        if case .refreshed(var grant) = outcome {
            grant.metadata.merge(toolAuth.record.metadata) { new, _ in new }
            return .refreshed(grant)
        }
        return outcome
    }

    /// Tokens are posted only by the client, and to the origin, that obtained them.
    private func bindingProblem(_ record: ToolAuthRecord) -> AttemptFailure? {
        if !bytesEqual(record.clientID, configuration.clientID) {
            return AttemptFailure(
                code: "configuration_changed", detail: "the tokens belong to another client_id than the tool has now")
        }
        guard let origin = configuration.tokenOrigin, bytesEqual(record.tokenOrigin, origin) else {
            return AttemptFailure(
                code: "endpoint_changed",
                detail: "the tokens came from \(record.tokenOrigin), not from the tool's endpoint")
        }
        return nil
    }

    private func prepare(_ request: inout HTTPRequest, for record: ToolAuthRecord) {
        let policy = configuration.refreshPolicy
        // A kept connection that died unnoticed loses the reply, and with it the only successor.
        request.needsFreshConnection = policy.rotation == .singleUse && policy.replayWindow == .zero
        // A time-out must leave room for a second try within the window.
        if policy.rotation != .none, policy.replayWindow > .zero {
            request.timeout = min(request.timeout, max(.seconds(5), policy.replayWindow / 3))
        }
        // Where a lost reply loses nothing and the lead is short, time-outs leave room for three attempts.
        if policy.rotation == .none, let expiresAt = record.expiresAt, let refreshAt = record.refreshAt {
            let lead = expiresAt - refreshAt
            if lead < .seconds(100) { request.timeout = min(request.timeout, max(.seconds(5), lead / 3)) }
        }
    }

    // MARK: Revocation

    package func revoke(_ toolAuth: ToolAuth) async throws {
        guard let endpoint = configuration.revocation else { return }
        let tokens: [(Secret?, RevocationRequest.TokenKind)] = [
            (toolAuth.refreshToken, .refreshToken), (toolAuth.accessToken, .accessToken),
        ]
        for (token, kind) in tokens {
            guard let token, !token.isEmpty else { continue }
            let isRevoked = try await revoke(token, kind, at: endpoint)
            if isRevoked && endpoint.scope == .grant { return }
        }
    }

    /// - Returns: false where the server cannot revoke tokens of this kind, which is tolerated.
    private func revoke(
        _ token: Secret, _ kind: RevocationRequest.TokenKind, at endpoint: RevocationEndpoint
    ) async throws(AttemptFailure) -> Bool {
        var rejected: AttemptFailure?
        for secret in secrets {
            let request: TokenRequest
            do throws(TokenRequest.Impossible) {
                request = try RevocationRequest.build(token, kind, at: endpoint, configuration, clientSecret: secret)
            } catch {
                throw AttemptFailure(code: "invalid_configuration", detail: error.detail)
            }
            let result = await transport.send(request.http)
            switch RevocationClassification.outcome(
                of: result, configuration.token.response, secrets: request.secrets, now: clock.now)
            {
            case .done: return true
            case .unsupportedKind: return false
            case .failed(let failure): throw failure
            case .clientRejected(let failure): rejected = failure
            }
        }
        throw rejected ?? AttemptFailure(code: "invalid_configuration", detail: "there is no client secret")
    }

    private func send(
        _ request: HTTPRequest, keepsRefreshToken: Bool
    ) async -> (Result<HTTPReply, TransportFailure>, TokenReply.Context) {
        let context = TokenReply.Context(
            sentAt: clock.now, policy: configuration.refreshPolicy, keepsRefreshToken: keepsRefreshToken)
        return (await transport.send(request), context)
    }
}
