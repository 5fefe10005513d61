package import ToolAuthCore

/// A clock that stands until a test turns it.
package final class ManualWallClock: WallClock {
    private let time: Locked<Timestamp>

    /// - Parameter time: 2026-01-31T00:00:00Z unless said otherwise.
    package init(_ time: Timestamp = Timestamp(secondsSinceEpoch: 1_769_817_600)) {
        self.time = Locked(time)
    }

    package var now: Timestamp { time.withLock { $0 } }

    /// - Parameter duration: negative turns it back.
    package func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }

    package func set(_ instant: Timestamp) {
        time.withLock { $0 = instant }
    }
}
