/// `application/problem+json` (RFC 9457).
public struct ProblemBody: Codable, Sendable, Equatable {
    /// `urn:toolauthd:` and a stable code.
    public var type: String
    public var title: String
    public var status: Int
    /// What is wrong and, where it helps, what to do.
    public var detail: String
    /// The offending field of `invalid-request`.
    public var field: String?
    public var reason: String?
    /// RFC 3339.
    public var since: String?
    /// Whole seconds, as in `Retry-After`.
    public var retryAfter: Int64?
    /// The provider's own error, where it refused.
    public var error: String?
    public var errorDescription: String?
    public var providerStatus: Int?
    /// Names close to an unknown one, best first.
    public var suggestions: [String]?

    package init(
        type: String, title: String, status: Int, detail: String, field: String? = nil, reason: String? = nil,
        since: String? = nil, retryAfter: Int64? = nil, error: String? = nil, errorDescription: String? = nil,
        providerStatus: Int? = nil, suggestions: [String]? = nil
    ) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.field = field
        self.reason = reason
        self.since = since
        self.retryAfter = retryAfter
        self.error = error
        self.errorDescription = errorDescription
        self.providerStatus = providerStatus
        self.suggestions = suggestions
    }

    /// The code without its prefix.
    public var code: String {
        type.hasPrefix(Self.prefix) ? String(type.dropFirst(Self.prefix.count)) : type
    }

    package static let prefix = "urn:toolauthd:"

    private enum CodingKeys: String, CodingKey {
        case type
        case title
        case status
        case detail
        case field
        case reason
        case since
        case retryAfter = "retry_after"
        case error
        case errorDescription = "error_description"
        case providerStatus = "provider_status"
        case suggestions
    }
}
