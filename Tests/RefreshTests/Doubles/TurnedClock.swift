import ToolAuthCore

/// A clock that stands until it is turned.
final class TurnedClock: Clock {
    struct Instant: InstantProtocol {
        let offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var isEnded = false
        var sleepers: [(deadline: Instant, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Locked(State())

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isOver = state.isEnded || deadline <= state.now
                if !isOver { state.sleepers.append((deadline, continuation)) }
                return isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// Wakes everybody, and lets nobody sleep again.
    func end() {
        let woken = state.withLock { state in
            defer { (state.isEnded, state.sleepers) = (true, []) }
            return state.sleepers
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    func turn(by duration: Duration) {
        let woken = state.withLock { state in
            let now = state.now.advanced(by: duration)
            let woken = state.sleepers.filter { $0.deadline <= now }
            state.now = now
            state.sleepers.removeAll { $0.deadline <= now }
            return woken
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }
}
