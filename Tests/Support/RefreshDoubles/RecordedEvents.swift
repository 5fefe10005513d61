package import Refresh
package import ToolAuthCore

/// Keeps events for a look at them.
package final class RecordedEvents: EventSink {
    package init() {}

    private let events = Locked<[ToolAuthEvent]>([])
    private let told = Locked<[EngineNotice]>([])

    package var kinds: [ToolAuthEvent.Kind] { events.withLock { $0.map(\.kind) } }

    package var notices: [EngineNotice] { told.withLock { $0 } }

    package func emit(_ event: ToolAuthEvent) { events.withLock { $0.append(event) } }

    package func attemptEnded(_ report: AttemptReport) {}

    package func notice(_ notice: EngineNotice) { told.withLock { $0.append(notice) } }
}
