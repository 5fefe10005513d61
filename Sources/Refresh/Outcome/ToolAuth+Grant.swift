package import ToolAuthCore

extension ToolAuth {
    /// Takes over what a provider granted on a refresh: a new refresh token replaces the old, an absent one keeps it, and
    /// so with scope (RFC 6749 §6), client and origin.
    package mutating func adopt(_ grant: TokenGrant) {
        accessToken = grant.accessToken
        record.hasAccessToken = true
        if let renewed = grant.refreshToken {
            refreshToken = renewed
            record.hasRefreshToken = true
            record.refreshTokenExpiresAt = grant.refreshTokenExpiresAt
        } else if let end = grant.refreshTokenExpiresAt {
            record.refreshTokenExpiresAt = end
        }
        if let clientID = grant.clientID { record.clientID = clientID }
        if let origin = grant.tokenOrigin { record.tokenOrigin = origin }
        record.tokenType = grant.tokenType
        if let scope = grant.scope { record.scope = scope }
        record.obtainedAt = grant.obtainedAt
        record.expiresAt = grant.expiresAt
        record.metadata.merge(grant.metadata) { _, new in new }
    }
}

extension TokenGrant {
    /// Why the token, though stored, makes its record degraded; nil: nothing is wrong with it.
    package var shortcoming: AttemptFailure? {
        if !isUsable {
            return AttemptFailure(
                code: "unknown_token_type", detail: "The provider sent a token of a type that is not handed out.")
        }
        if let expiresAt, expiresAt - obtainedAt <= RefreshSchedule.shortestUsefulLifetime {
            return AttemptFailure(
                code: "short_lifetime",
                detail: "The provider sent a token that lives \((expiresAt - obtainedAt).wholeMilliseconds) ms only.")
        }
        return nil
    }
}
