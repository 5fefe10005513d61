/// Body of `POST /v1/callback`: either `url`, or the parameters themselves.
public struct CallbackRequestBody: Codable, Sendable {
    /// The whole URL the browser was sent to.
    public var url: String?
    public var code: String?
    public var state: String?
    public var iss: String?
    public var error: String?
    public var errorDescription: String?
    /// From the application's own session, so that nobody completes somebody else's flow.
    public var expectedUserID: String?
    public var expectedToolID: String?

    public init(
        url: String? = nil, code: String? = nil, state: String? = nil, iss: String? = nil, error: String? = nil,
        errorDescription: String? = nil, expectedUserID: String? = nil, expectedToolID: String? = nil
    ) {
        self.url = url
        self.code = code
        self.state = state
        self.iss = iss
        self.error = error
        self.errorDescription = errorDescription
        self.expectedUserID = expectedUserID
        self.expectedToolID = expectedToolID
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case url
        case code
        case state
        case iss
        case error
        case errorDescription = "error_description"
        case expectedUserID = "expected_user_id"
        case expectedToolID = "expected_tool_id"
    }
}

/// 200 of the callback: the members of the record, and `redirect_to` where one was asked for.
public struct CallbackResponseBody: Codable, Sendable, Equatable {
    public var record: RecordBody
    public var redirectTo: String?

    package init(record: RecordBody, redirectTo: String?) {
        self.record = record
        self.redirectTo = redirectTo
    }

    private enum CodingKeys: String, CodingKey { case redirectTo = "redirect_to" }

    public init(from decoder: any Decoder) throws {
        record = try RecordBody(from: decoder)
        redirectTo = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .redirectTo)
    }

    public func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(redirectTo, forKey: .redirectTo)
    }
}
