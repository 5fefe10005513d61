import ToolAuthCore

extension RefreshOutcome {
    /// As it is by a clock that was set by `step` (nil: it was not) between the request and the reply.
    ///
    /// Set back, what was counted from the sending would lie ahead, and the token would be handed out after its end: it moves
    /// along. Set forward, it seems to end too soon, which costs a refresh; it stays, since an end that the provider named as
    /// an instant would come too late.
    func caughtUp(with step: Duration?) -> RefreshOutcome {
        guard let step, step < .zero, case .refreshed(var grant) = self else { return self }
        grant.obtainedAt = grant.obtainedAt + step
        grant.expiresAt = grant.expiresAt.map { $0 + step }
        grant.refreshTokenExpiresAt = grant.refreshTokenExpiresAt.map { $0 + step }
        return .refreshed(grant)
    }
}
