/// What a test of a tool found, without a user.
package struct ToolTest: Sendable, Equatable {
    package let toolID: ToolID
    /// Whether the token endpoint answered, with a certificate that holds.
    package let isReachable: Bool
    /// Whether it accepts the client and its secret; nil: what it answered does not tell.
    package let acceptsClient: Bool?
    /// What it answered, in a sentence.
    package let detail: String

    package init(toolID: ToolID, isReachable: Bool, acceptsClient: Bool?, detail: String) {
        self.toolID = toolID
        self.isReachable = isReachable
        self.acceptsClient = acceptsClient
        self.detail = detail
    }

    /// Reads what a refresh token that was never issued brought: whoever refuses the token has accepted the client.
    package init(toolID: ToolID, refreshing outcome: RefreshOutcome) {
        switch outcome {
        case .refreshed, .grantRejected:
            self.init(
                toolID: toolID, isReachable: true, acceptsClient: true, detail: "The provider accepts the client.")
        case .clientRejected(let failure):
            self.init(
                toolID: toolID, isReachable: true, acceptsClient: false,
                detail: "The provider does not accept the client: \(failure.detail) (\(failure.code)).")
        case .requestRejected(let failure):
            self.init(
                toolID: toolID, isReachable: failure.providerStatus != nil, acceptsClient: nil,
                detail: "The provider refuses the request: \(failure.detail) (\(failure.code)).")
        case .transient(let failure, _, _), .ambiguous(let failure), .malformed(let failure, _):
            self.init(
                toolID: toolID, isReachable: failure.providerStatus != nil, acceptsClient: nil,
                detail: "\(failure.detail) (\(failure.code))")
        case .unrefreshable:
            self.init(
                toolID: toolID, isReachable: true, acceptsClient: nil,
                detail: "The tool has no refresh request to try it with.")
        }
    }
}
