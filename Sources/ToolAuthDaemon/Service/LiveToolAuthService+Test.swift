import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    /// A token that no provider issues, and that says in a provider's log what it was.
    private static let testToken = "toolauthd-test-not-a-token"
    private static let testUser = UserID("toolauthd-test")

    func testTool(_ toolID: ToolID) async throws(ToolAuthError) -> ToolTest {
        let tool = try tools.tool(toolID)
        let client = try client(of: toolID)
        // An endpoint that nobody has accepted yet is sent nothing, and least of all the client's secret.
        if tool.awaitsEndpoint {
            throw ToolAuthError(.toolUnavailable, tool.obstacle?.detail ?? "The endpoint of \(toolID) has changed.")
        }
        if let failure = await client.connect?() {
            return ToolTest(
                toolID: toolID, isReachable: false, acceptsClient: nil,
                detail: "The token endpoint cannot be reached: \(failure.detail) (\(failure.code)).")
        }
        // With this one a token would be had in earnest, and handed to nobody.
        guard client.policy.method == .refreshToken else {
            return ToolTest(toolID: toolID, refreshing: .unrefreshable)
        }
        let origin = try await client.origin()
        guard let user = Self.testUser else { throw ToolAuthError(.internalError, "no user to test with") }
        let record = ToolAuthRecord(
            key: ToolAuthKey(toolID, user), tokenType: "Bearer", scope: client.scope, obtainedAt: clock.now,
            expiresAt: nil, hasAccessToken: false, hasRefreshToken: true, clientID: client.clientID,
            tokenOrigin: origin, createdAt: clock.now)
        let outcome = await client.authentication.tryRefreshToken(
            ToolAuth(record: record, accessToken: nil, refreshToken: Secret(Self.testToken)))
        return ToolTest(toolID: toolID, refreshing: outcome)
    }
}
