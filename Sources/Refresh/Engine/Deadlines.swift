import ToolAuthCore

/// Gives up on operations that are late, all after the same time.
///
/// One sleep serves them all: Dispatch keeps the timer of a sleep to its end, also when that was cancelled long before, and
/// thousands of attempts would leave as many behind in a minute.
package final class Deadlines: Sendable {
    private struct Watched {
        /// On the timeline of ``elapsed``.
        let end: Duration
        let giveUp: @Sendable () -> Void
    }

    private struct State {
        var watched: [Int: Watched] = [:]
        var nextID = 0
        /// Whether somebody sleeps until the first of them is late.
        var isWatching = false
    }

    private let timeout: Duration
    private let clock: any Clock<Duration>
    /// Since this was made.
    private let elapsed: @Sendable () -> Duration
    private let state = Locked(State())

    package init(_ timeout: Duration, clock: any Clock<Duration>) {
        self.timeout = timeout
        self.clock = clock
        elapsed = Self.stopwatch(clock)
    }

    /// Runs `operation` and returns its value, or nil if it is late: then it is cancelled and abandoned, not waited for.
    package func run<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) async -> Value? {
        let first = FirstValue<Value>()
        let work = Task { first.resolve(await operation()) }
        let id = watch { first.resolve(nil) }
        let value = await first.wait()
        state.withLock { $0.watched[id] = nil }
        work.cancel()
        return value
    }

    private func watch(_ giveUp: @escaping @Sendable () -> Void) -> Int {
        let end = elapsed() + timeout
        let (id, begins) = state.withLock { state in
            defer { (state.nextID, state.isWatching) = (state.nextID + 1, true) }
            state.watched[state.nextID] = Watched(end: end, giveUp: giveUp)
            return (state.nextID, !state.isWatching)
        }
        if begins { Task { await self.watch() } }
        return id
    }

    /// Sleeps from one end to the next, until there is none.
    private func watch() async {
        while let wait = untilNextEnd() {
            if wait > .zero { try? await clock.sleep(for: wait) }
            let now = elapsed()
            let late = state.withLock { state in
                let late = state.watched.filter { $0.value.end <= now }
                for id in late.keys { state.watched[id] = nil }
                return late.values.map(\.giveUp)
            }
            for giveUp in late { giveUp() }
        }
    }

    /// - Returns: nil: nothing is watched, and nobody watches any more.
    private func untilNextEnd() -> Duration? {
        let now = elapsed()
        return state.withLock { state in
            guard let next = state.watched.values.map(\.end).min() else {
                state.isWatching = false
                return nil
            }
            return next - now
        }
    }

    private static func stopwatch<C: Clock<Duration>>(_ clock: C) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
