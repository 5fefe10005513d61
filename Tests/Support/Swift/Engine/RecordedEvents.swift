package import Refresh
import Synchronization
package import ToolAuthCore

/// Keeps events for a look at them.
package final class RecordedEvents: EventSink {
    package init() {}

    private let events = Mutex<[ToolAuthEvent]>([])

    package var kinds: [ToolAuthEvent.Kind] { events.withLock { $0.map(\.kind) } }

    package func emit(_ event: ToolAuthEvent) { events.withLock { $0.append(event) } }

    package func attemptEnded(_ report: AttemptReport) {}
}
