/// Body of `POST /v1/tools/{tool_id}/resume`; may be left out.
public struct ResumeToolRequestBody: Codable, Sendable {
    /// Whether tokens from another origin than the tool's endpoint has now may be sent to the new one; false unless said.
    public var acceptEndpoint: Bool?

    public init(acceptEndpoint: Bool? = nil) {
        self.acceptEndpoint = acceptEndpoint
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case acceptEndpoint = "accept_endpoint"
    }
}
