import Refresh
import TestSupport
import ToolAuthCore

/// 2026-01-01T00:00:00Z, where the tests' clocks start.
let start = Timestamp(secondsSinceEpoch: 1_767_225_600)
let endpoint = EndpointID(tokenEndpoint: "https://provider.test/token", clientID: "client")

func key(_ user: String = "alice", tool: String = "mail") -> ToolAuthKey {
    ToolAuthKey(toolID(tool), userID(user))
}

/// A grant obtained at `start` that lives an hour.
func grant(
    _ user: String = "alice", lifetime: Duration? = .seconds(3600), refreshToken: String? = "refresh-1",
    status: ToolAuthStatus = .healthy
) -> ToolAuth {
    var record = ToolAuthRecord(
        key: key(user), tokenType: "Bearer", scope: "read", obtainedAt: start, expiresAt: lifetime.map { start + $0 },
        hasAccessToken: true, hasRefreshToken: refreshToken != nil, clientID: "client",
        tokenOrigin: "https://provider.test:443", createdAt: start)
    record.status = status
    record.generation = 1
    return ToolAuth(record: record, accessToken: Secret("access-1"), refreshToken: refreshToken.map { Secret($0) })
}

func reply(
    at instant: Timestamp, lifetime: Duration? = .seconds(3600), accessToken: String = "access-2",
    refreshToken: String? = "refresh-2", scope: String? = nil, isUsable: Bool = true
) -> TokenGrant {
    TokenGrant(
        accessToken: Secret(accessToken), refreshToken: refreshToken.map { Secret($0) }, tokenType: "Bearer",
        scope: scope, obtainedAt: instant, expiresAt: lifetime.map { instant + $0 }, isUsable: isUsable)
}

func policy(_ change: (inout RefreshPolicy) -> Void = { _ in }) -> RefreshPolicy {
    var policy = RefreshPolicy()
    change(&policy)
    return policy
}

let failure = AttemptFailure(code: "test", detail: "It failed.", providerStatus: 500)
