/// What a stored grant is found by: one tool, one user.
public struct ToolAuthKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let toolID: ToolID
    public let userID: UserID

    public init(_ toolID: ToolID, _ userID: UserID) {
        self.toolID = toolID
        self.userID = userID
    }

    public var description: String { "\(toolID)/\(userID)" }

    /// The order of lists: tool first, then user, both as bytes.
    public static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.toolID == rhs.toolID ? lhs.userID < rhs.userID : lhs.toolID < rhs.toolID
    }
}
