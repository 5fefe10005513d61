import ToolAuthCore

/// A call to somebody who does not exist yet: what is told before ``connect(_:)`` is forgotten.
final class Relay: Sendable {
    /// In a structure: a function that is itself the value of a mutex is wrapped in one thunk more each time the lock is
    /// taken, and each call goes through all of them.
    private struct State: Sendable {
        var listener: @Sendable () -> Void = {}
    }

    private let state = Locked(State())

    func connect(_ listener: @escaping @Sendable () -> Void) {
        state.withLock { $0.listener = listener }
    }

    func tell() {
        let listener = state.withLock { $0.listener }
        listener()
    }
}
