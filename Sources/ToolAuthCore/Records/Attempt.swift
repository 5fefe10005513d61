/// One refresh attempt as it is written down before its request leaves.
public struct Attempt: Sendable, Hashable {
    /// Unique among all attempts of the store; a result that names another is late and dropped.
    public let id: String
    public let startedAt: Timestamp

    public init(id: String, startedAt: Timestamp) {
        self.id = id
        self.startedAt = startedAt
    }
}
