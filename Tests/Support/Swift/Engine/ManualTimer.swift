package import Refresh
import Synchronization
package import ToolAuthCore

/// Remembers what it was armed for.
package final class ManualTimer: WakeTimer {
    private let instants = Mutex<(now: Timestamp?, last: Timestamp?)>((nil, nil))

    /// What it is armed for.
    package var instant: Timestamp? { instants.withLock { $0.now } }
    /// The last instant it was armed for, disarmed since or not.
    package var lastInstant: Timestamp? { instants.withLock { $0.last } }

    package func arm(at instant: Timestamp?) {
        instants.withLock { $0 = (instant, instant ?? $0.last) }
    }
}
