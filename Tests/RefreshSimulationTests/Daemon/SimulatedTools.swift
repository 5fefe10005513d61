import ToolAuthCore

@testable import Refresh

/// The tools of a run; only what the machine asks of them.
final class SimulatedTools: ToolDirectory {
    private let tools = Locked<[ToolID: RefreshableTool]>([:])

    private static let connect: @Sendable () async -> AttemptFailure? = { nil }

    func set(_ id: ToolID, _ policy: RefreshPolicy, endpoint: EndpointID, canConnect: Bool) {
        let tool = RefreshableTool(
            authentication: Unused(toolID: id), policy: policy, endpoint: endpoint, clientID: "client",
            tokenOrigin: "https://provider.test:443", revokesSingleTokens: true,
            connect: canConnect ? Self.connect : nil)
        tools.withLock { $0[id] = tool }
    }

    func refreshable(_ toolID: ToolID) -> RefreshableTool? { tools.withLock { $0[toolID] } }
    var refreshableTools: [ToolID] { tools.withLock { $0.keys.sorted() } }
    func setPause(_ toolID: ToolID, _ pause: ToolPause?) {}
}

/// The simulation answers for providers itself.
private struct Unused: ToolAuthentication {
    struct NotHere: Error {}

    let toolID: ToolID

    func getAuthURL(for userID: UserID, options: AuthURLOptions) async throws -> PendingAuthorization {
        throw NotHere()
    }
    func retrieveAuthToken(from callback: Callback, pending: PendingAuthorization) async throws -> TokenGrant {
        throw NotHere()
    }
    func tryRefreshToken(_ toolAuth: ToolAuth) async -> RefreshOutcome { .unrefreshable }
    func revoke(_ toolAuth: ToolAuth) async throws {}
}
