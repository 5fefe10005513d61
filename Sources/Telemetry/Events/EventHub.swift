package import ToolAuthCore

/// Hands events on to whoever follows, and keeps the last of them for those who come back.
///
/// Followers read from one common history at their own pace: a slow one costs nothing, and is dropped once the history
/// has moved past it. Nothing is kept before somebody follows for the first time.
package final class EventHub: Sendable {
    struct State {
        var history: EventHistory
        var isKept = false
        var isFinished = false
        /// Followers that have read everything.
        var waiting: [ObjectIdentifier: CheckedContinuation<Void, Never>] = [:]

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { waiting = [:] }
            return Array(waiting.values)
        }
    }

    private let state: Locked<State>

    /// - Parameters:
    ///   - startedAt: ids count up from this instant, so that one from before a restart is known as foreign.
    ///   - capacity: how many events are kept.
    package init(startedAt: Timestamp, capacity: Int = 10_000) {
        let history = EventHistory(after: startedAt.millisecondsSinceEpoch &* 1000, capacity: capacity)
        state = Locked(State(history: history))
    }

    package func publish(_ event: ToolAuthEvent) {
        let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
            guard state.isKept, !state.isFinished else { return [] }
            state.history.append(event)
            return state.takeWaiting()
        }
        for follower in waiting { follower.resume() }
    }

    /// Follows from now on, or from where somebody stopped.
    ///
    /// - Parameter lastID: the last event he saw; nil: he saw none.
    package func follow(after lastID: Int64?) -> EventFollower {
        let (position, isReset) = state.withLock { state in
            state.isKept = true
            let isKnown = lastID.map { state.history.reaches(after: $0) } ?? true
            return (isKnown ? lastID ?? state.history.lastID : state.history.lastID, !isKnown)
        }
        return EventFollower(self, at: position, isReset: isReset)
    }

    /// Ends all followers, once they have read what is there.
    package func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            return state.takeWaiting()
        }
        for follower in waiting { follower.resume() }
    }

    /// How many followers have read everything and wait for more.
    package var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// - Returns: what came after `position`; empty: nothing yet; nil: nothing more will come, or it is forgotten already.
    func events(after position: Int64, limit: Int) -> [EventHistory.Entry]? {
        state.withLock { state in
            guard state.history.reaches(after: position) else { return nil }
            let entries = state.history.entries(after: position, limit: limit)
            return entries.isEmpty && state.isFinished ? nil : entries
        }
    }

    /// Returns when something may have come after `position`.
    func wait(_ follower: EventFollower, after position: Int64) async {
        let id = ObjectIdentifier(follower)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isOver = state.isFinished || state.history.lastID != position || follower.isCancelled
                    if !isOver { state.waiting[id] = continuation }
                    return isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            follower.cancel()
        }
    }

    func wake(_ follower: EventFollower) {
        state.withLock { $0.waiting.removeValue(forKey: ObjectIdentifier(follower)) }?.resume()
    }
}

/// Somebody who reads events; for one task at a time.
package final class EventFollower: Sendable {
    private struct State {
        var position: Int64
        var isCancelled = false
    }

    /// Whether events he has not seen are forgotten, or are of another process: he must look at everything anew.
    package let isReset: Bool
    private let hub: EventHub
    private let state: Locked<State>

    init(_ hub: EventHub, at position: Int64, isReset: Bool) {
        self.hub = hub
        self.isReset = isReset
        state = Locked(State(position: position))
    }

    /// The last event he was given, or after which he began.
    package var position: Int64 { state.withLock { $0.position } }

    /// Waits for events.
    ///
    /// - Returns: at least one and at most `limit`; nil: it is over, because the hub ends, ``cancel()`` was called, or he
    ///   is too slow and the next ones are forgotten.
    package func next(limit: Int = 100) async -> [EventHistory.Entry]? {
        while !isCancelled {
            let position = position
            guard let entries = hub.events(after: position, limit: limit) else { return nil }
            if let last = entries.last {
                state.withLock { $0.position = last.id }
                return entries
            }
            await hub.wait(self, after: position)
        }
        return nil
    }

    package func cancel() {
        state.withLock { $0.isCancelled = true }
        hub.wake(self)
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
}
