package import ToolAuthCore

/// What the engine must know of a tool.
package struct RefreshableTool: Sendable {
    package let authentication: any ToolAuthentication
    package let policy: RefreshPolicy
    package let endpoint: EndpointID
    /// Tokens of another client are never sent.
    package let clientID: String
    /// Tokens of another origin are never sent; nil: the origin is known only when a request is made, and compared there.
    package let tokenOrigin: String?
    /// Whether all its grants are refreshed at one server; where each has its own, what happens there says nothing of the
    /// others.
    package let sharesEndpoint: Bool
    /// Whether a token can be revoked without ending the user's other grants.
    package let revokesSingleTokens: Bool
    /// Tries whether the endpoint can be reached, without sending a request; nil as its answer: it can. nil itself: the
    /// tool cannot try that.
    package let connect: (@Sendable () async -> AttemptFailure?)?

    package init(
        authentication: any ToolAuthentication, policy: RefreshPolicy, endpoint: EndpointID, clientID: String,
        tokenOrigin: String?, sharesEndpoint: Bool = true, revokesSingleTokens: Bool,
        connect: (@Sendable () async -> AttemptFailure?)? = nil
    ) {
        self.authentication = authentication
        self.policy = policy
        self.endpoint = endpoint
        self.clientID = clientID
        self.tokenOrigin = tokenOrigin
        self.sharesEndpoint = sharesEndpoint
        self.revokesSingleTokens = revokesSingleTokens
        self.connect = connect
    }
}

/// The tools as configured at this moment.
package protocol ToolDirectory: Sendable {
    /// nil: unknown, or its configuration is incomplete, or its tokens may not be sent where it now points. A tool that is
    /// only paused is here.
    func refreshable(_ toolID: ToolID) -> RefreshableTool?

    /// The tools that ``refreshable(_:)`` has.
    var refreshableTools: [ToolID] { get }

    /// The engine paused a tool, or let it go on.
    func setPause(_ toolID: ToolID, _ pause: ToolPause?)
}
