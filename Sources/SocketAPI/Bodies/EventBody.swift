/// An event of `GET /v1/events`.
public struct EventBody: Sendable, Equatable {
    /// Increases from event to event; the next stream goes on after it.
    public let id: String
    /// `auth.refreshed`, `tool.paused` and so on; more may come. `reset`: earlier events are forgotten, look at everything
    /// anew.
    public let kind: String
    /// The grant as it is afterwards (as it was, for `auth.deleted`), for `auth.…`.
    public let record: RecordBody?
    /// The tool, for `tool.…`.
    public let tool: ToolBody?
    /// The data as the daemon wrote it, JSON on one line.
    public let data: String

    public init(id: String, kind: String, record: RecordBody?, tool: ToolBody?, data: String) {
        self.id = id
        self.kind = kind
        self.record = record
        self.tool = tool
        self.data = data
    }
}
