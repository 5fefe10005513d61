/// How a flow stands, as an application that waits for it sees it.
public enum AuthorizationStatus: String, Sendable, Hashable, CaseIterable {
    case pending, connected, denied, expired, failed
}

/// A flow without its secrets.
public struct AuthorizationSummary: Sendable, Equatable {
    public let id: String
    public let key: ToolAuthKey
    public var status: AuthorizationStatus
    /// Why it failed or was denied, fit to show.
    public var error: String?
    public let expiresAt: Timestamp

    public init(id: String, key: ToolAuthKey, status: AuthorizationStatus, error: String?, expiresAt: Timestamp) {
        self.id = id
        self.key = key
        self.status = status
        self.error = error
        self.expiresAt = expiresAt
    }
}
