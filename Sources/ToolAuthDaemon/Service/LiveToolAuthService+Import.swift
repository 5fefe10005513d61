import OAuth
import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func importToolAuth(
        _ key: ToolAuthKey, _ tokens: ImportedTokens, _ precondition: Precondition
    ) async throws(ToolAuthError) -> ImportResult {
        let client = try client(of: key.toolID)
        if let key = tokens.metadata.keys.filter(client.decidesRoute).min(by: bytesPrecede) {
            throw .invalidRequest(
                field: "metadata", "'\(PlainText.shown(key))' decides where requests go, so it cannot be imported")
        }
        let origin = try await client.origin()
        let now = clock.now
        var record = ToolAuthRecord(
            key: key, tokenType: tokens.tokenType, scope: tokens.scope ?? client.scope, obtainedAt: now,
            expiresAt: expiry(of: tokens, client.policy, now: now), hasAccessToken: tokens.accessToken != nil,
            hasRefreshToken: tokens.refreshToken != nil, clientID: client.clientID, tokenOrigin: origin,
            createdAt: now)
        record.refreshTokenExpiresAt = tokens.refreshTokenExpiresAt
        record.metadata = tokens.metadata
        record.boot = clock.boot
        // A refresh token alone is not yet a token that works; the refresh that is due at once shows whether it is.
        if tokens.accessToken == nil || !client.handsOut(tokens.tokenType) { record.status = .degraded }
        RefreshSchedule(client.policy).plan(&record, now: now, uniform: uniform())
        let toolAuth = ToolAuth(record: record, accessToken: tokens.accessToken, refreshToken: tokens.refreshToken)
        let result = try await stored { () async throws(StoreError) in try await store.put(toolAuth, precondition) }
        switch result {
        case .created(let stored), .replaced(let stored, _):
            emit(.connected, stored)
            await engine.note(stored.toolID, dueAt: stored.dueAt)
            if case .created = result { return ImportResult(record: stored, created: true) }
            return ImportResult(record: stored, created: false)
        case .mismatch(let present):
            throw generationMismatch(present)
        }
    }

    private func expiry(of tokens: ImportedTokens, _ policy: RefreshPolicy, now: Timestamp) -> Timestamp? {
        guard let accessToken = tokens.accessToken else { return nil }
        if let expiresAt = tokens.expiresAt { return expiresAt }
        if let expiresIn = tokens.expiresIn { return now + expiresIn }
        return TokenLifetime.assumedEnd(
            accessToken: accessToken.reveal(), sentAt: now, policy: policy, hasRefreshToken: tokens.refreshToken != nil)
    }
}
