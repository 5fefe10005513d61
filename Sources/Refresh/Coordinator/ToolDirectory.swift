package import ToolAuthCore

/// What the engine must know of a tool.
package struct RefreshableTool: Sendable {
    package let authentication: any ToolAuthentication
    package let policy: RefreshPolicy
    package let endpoint: EndpointID
    /// Tokens of another client are never sent.
    package let clientID: String
    /// Tokens of another origin are never sent.
    package let tokenOrigin: String
    /// Whether a token can be revoked without ending the user's other grants.
    package let revokesSingleTokens: Bool

    package init(
        authentication: any ToolAuthentication, policy: RefreshPolicy, endpoint: EndpointID, clientID: String,
        tokenOrigin: String, revokesSingleTokens: Bool
    ) {
        self.authentication = authentication
        self.policy = policy
        self.endpoint = endpoint
        self.clientID = clientID
        self.tokenOrigin = tokenOrigin
        self.revokesSingleTokens = revokesSingleTokens
    }
}

/// The tools as configured at this moment.
package protocol ToolDirectory: Sendable {
    /// nil: unknown, unavailable or paused.
    func refreshable(_ toolID: ToolID) -> RefreshableTool?

    /// Every endpoint at which something may be refreshed now.
    var endpoints: [EndpointID] { get }
}
