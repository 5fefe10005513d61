import Refresh
package import ToolAuthCore

/// Remembers what it was armed for.
package final class ManualTimer: WakeTimer {
    package init() {}

    private let armed = Locked<Timestamp?>(nil)

    /// What it is armed for; nil: nothing.
    package var instant: Timestamp? { armed.withLock { $0 } }

    package func arm(at instant: Timestamp?) {
        armed.withLock { $0 = instant }
    }
}
