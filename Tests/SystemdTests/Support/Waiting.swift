import ToolAuthCore

/// Counts, and lets a test wait for a count.
final class Counter: Sendable {
    private struct State {
        var value = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Locked(State())

    var value: Int { state.withLock { $0.value } }

    func increment() {
        let ready = state.withLock { state in
            state.value += 1
            let value = state.value
            defer { state.waiters.removeAll { $0.count <= value } }
            return state.waiters.filter { $0.count <= value }
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func reaches(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.value < count { state.waiters.append((count, continuation)) }
                return state.value >= count
            }
            if isReached { continuation.resume() }
        }
    }
}

/// Holds up whoever waits, until it is opened; heeds no cancellation.
final class Gate: Sendable {
    private let opened = Counter()

    func open() { opened.increment() }
    func wait() async { await opened.reaches(1) }
}

/// A clock that stands until it is turned, with one sleeper.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        let offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleeper: Sleeper?
        var isCancelled = false
        var wokenSleeps = 0
    }

    private let state = Locked(State())
    private let sleeps = Counter()

    var now: Instant { state.withLock { $0.now } }
    var minimumResolution: Duration { .zero }
    var nextDeadline: Instant? { state.withLock { $0.sleeper?.deadline } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if !state.isCancelled { state.sleeper = Sleeper(deadline: deadline, continuation: continuation) }
                    return state.isCancelled
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                sleeps.increment()
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.isCancelled = true
                defer { state.sleeper = nil }
                return state.sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Returns once someone sleeps who was not woken yet.
    func sleeperIsWaiting() async {
        await sleeps.reaches(state.withLock { $0.wokenSleeps + 1 })
    }

    func advance(by duration: Duration) {
        let sleeper = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            guard let sleeper = state.sleeper, sleeper.deadline <= state.now else { return nil as Sleeper? }
            state.sleeper = nil
            state.wokenSleeps += 1
            return sleeper
        }
        sleeper?.continuation.resume()
    }
}
