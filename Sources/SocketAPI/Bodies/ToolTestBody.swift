/// `POST /v1/tools/{tool_id}/test`.
public struct ToolTestBody: Codable, Sendable, Equatable {
    public var toolID: String
    /// Whether the token endpoint answered, with a certificate that holds.
    public var reachable: Bool
    /// Whether it accepts the client and its secret; absent: what it answered does not tell.
    public var clientAccepted: Bool?
    /// What it answered, in a sentence.
    public var detail: String

    package init(toolID: String, reachable: Bool, clientAccepted: Bool?, detail: String) {
        self.toolID = toolID
        self.reachable = reachable
        self.clientAccepted = clientAccepted
        self.detail = detail
    }

    private enum CodingKeys: String, CodingKey {
        case toolID = "tool_id"
        case reachable
        case clientAccepted = "client_accepted"
        case detail
    }
}
