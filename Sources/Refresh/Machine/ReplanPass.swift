import ToolAuthCore

/// A change of all of a tool's records, page by page in the background.
struct ReplanPass: Sendable {
    /// Records a transaction.
    static let pageSize = 256

    let tool: ToolID
    let change: Replanning
    /// What is remembered when it is through; nil: nothing.
    var plan: String?
    /// The last user of the page before.
    var after: UserID?

    init(tool: ToolID, change: Replanning, plan: String? = nil) {
        self.tool = tool
        self.change = change
        self.plan = plan
    }

    var shiftsClock: Bool { if case .clock = change { true } else { false } }
}
