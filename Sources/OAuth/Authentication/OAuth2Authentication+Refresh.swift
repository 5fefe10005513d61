package import ToolAuthCore

extension OAuth2Authentication {
    package func tryRefreshToken(_ toolAuth: ToolAuth) async -> RefreshOutcome {
        let (policy, record) = (configuration.refreshPolicy, toolAuth.record)
        guard policy.canRefresh(toolAuth, at: clock.now) else { return .unrefreshable }
        // What a client gets by itself is had anew for the one that it is by now.
        if !policy.needsNoUser, !bytesEqual(record.clientID, configuration.clientID) {
            let detail = "the tokens belong to another client_id than the tool has now"
            return .requestRejected(AttemptFailure(code: "configuration_changed", detail: detail))
        }
        let given = configuration.givenConnection(record)
        let server: ServerMetadata?
        do throws(DiscoveryFailure) { server = try await discovered(given: given) } catch {
            let failure = AttemptFailure(code: "discovery", detail: Self.sentence(error, toolID))
            if error.kind == .refused { return .requestRejected(failure) }
            return .transient(
                failure, retryAfter: nil, atEndpoint: error.isUnreachable && configuration.sharesEndpoint)
        }
        var outcome = RefreshOutcome.unrefreshable
        for secret in secrets {
            var request: TokenRequest
            do throws(TokenRequest.Impossible) {
                request = try .refresh(toolAuth, configuration, clientSecret: secret, context(server))
            } catch {
                return .requestRejected(AttemptFailure(code: "invalid_configuration", detail: error.detail))
            }
            if let foreign = bindingProblem(record, request.origin) { return .requestRejected(foreign) }
            prepare(&request.http, for: record)
            let (result, context) = await send(request.http, keepsRefreshToken: policy.method != .exchangeAccessToken)
            outcome = RefreshClassification.outcome(
                of: result, configuration.refresh.response, context, secrets: request.secrets, now: clock.now)
            if case .refreshed(var grant) = outcome {
                (grant.clientID, grant.tokenOrigin) = (configuration.clientID, request.origin)
                outcome = .refreshed(grant)
            }
            // An explicit refusal of the client: nothing was rotated. Any other end is this attempt's.
            guard case .clientRejected = outcome else { break }
        }
        if shedsDoubt(outcome) { await doubt(given: given) }
        return finished(outcome, record)
    }

    /// Tokens are posted only to the origin that issued them. Where none goes along there is none to lose.
    private func bindingProblem(_ record: ToolAuthRecord, _ origin: String) -> AttemptFailure? {
        if configuration.refreshPolicy.method == .reacquire || bytesEqual(record.tokenOrigin, origin) { return nil }
        return AttemptFailure(
            code: "endpoint_changed",
            detail: "the tokens came from \(record.tokenOrigin), not from the tool's endpoint, which is at \(origin)")
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

    /// Whether the endpoint did not answer as a token endpoint does.
    private func shedsDoubt(_ outcome: RefreshOutcome) -> Bool {
        switch outcome {
        case .transient(_, _, atEndpoint: true): true
        case .requestRejected(let failure), .transient(let failure, _, _):
            failure.providerStatus.map { (300..<400).contains($0) || [404, 405, 410].contains($0) } ?? false
        default: false
        }
    }

    private func finished(_ outcome: RefreshOutcome, _ record: ToolAuthRecord) -> RefreshOutcome {
        switch outcome {
        case .refreshed(var grant):
            grant.metadata.merge(record.metadata) { new, _ in new }
            return .refreshed(grant)
        case .transient(let failure, let retryAfter, atEndpoint: true) where !configuration.sharesEndpoint:
            // Each grant has an endpoint of its own: that one is out of reach says nothing of the others.
            return .transient(failure, retryAfter: retryAfter, atEndpoint: false)
        case .grantRejected(let failure) where configuration.refreshPolicy.needsNoUser:
            // No user could give another: what was refused is how the client asks, which may be mended.
            return .requestRejected(failure)
        default:
            return outcome
        }
    }
}
