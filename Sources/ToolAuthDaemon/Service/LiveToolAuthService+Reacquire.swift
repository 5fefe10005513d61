import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    /// Makes the record of a grant that needs no user, by its first reader; its tokens are had by the refresh that this
    /// reader then waits for.
    ///
    /// - Throws: what stands against a refresh: nothing is stored for a tool that can get no token.
    func begin(_ key: ToolAuthKey, _ tool: Tool, _ client: Tool.Client) async throws(ToolAuthError) -> ToolAuth {
        if let hold = store.hold { throw ToolObstacle(hold).error }
        if let obstacle = tool.obstacle { throw obstacle.error }
        let now = clock.now
        var record = ToolAuthRecord(
            key: key, tokenType: "Bearer", scope: client.scope, obtainedAt: now, expiresAt: nil, hasAccessToken: false,
            hasRefreshToken: false, clientID: client.clientID, tokenOrigin: try await client.origin(), createdAt: now)
        record.boot = clock.boot
        record.status = .degraded
        RefreshSchedule(client.policy).plan(&record, now: now, uniform: uniform())
        let toolAuth = ToolAuth(record: record, accessToken: nil, refreshToken: nil)
        let result = try await stored { () async throws(StoreError) in
            try await store.put(toolAuth, .absent)
        }
        switch result {
        case .created(let stored), .replaced(let stored, _):
            await engine.note(stored.toolID, dueAt: stored.dueAt)
            return ToolAuth(record: stored, accessToken: nil, refreshToken: nil)
        case .mismatch:
            // Another reader was first.
            guard let found = try await stored({ () async throws(StoreError) in try await store.load(key) }) else {
                throw notConnected(key)
            }
            return found
        }
    }
}
