import ToolAuthCore

/// Runs `operation` and returns its value, or nil if it is not there after `timeout`.
///
/// An operation that is late is cancelled and abandoned, not waited for: code of others must not hold up a refresh.
package func withDeadline<Value: Sendable>(
    _ timeout: Duration, clock: any Clock<Duration>, _ operation: @escaping @Sendable () async -> Value
) async -> Value? {
    let first = FirstValue<Value>()
    let work = Task { first.resolve(await operation()) }
    let alarm = Task {
        try? await clock.sleep(for: timeout)
        first.resolve(nil)
    }
    let value = await first.wait()
    work.cancel()
    alarm.cancel()
    return value
}

/// Keeps the first of several values for the one who waits.
final class FirstValue<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Value?, Never>)
        case resolved(Value?)
        case taken
    }

    private let state = Locked(State.empty)

    func resolve(_ value: sending Value?) {
        let continuation: CheckedContinuation<Value?, Never>? = state.withLock { state in
            switch state {
            case .empty:
                state = .resolved(value)
                return nil
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .resolved, .taken:
                return nil
            }
        }
        continuation?.resume(returning: value)
    }

    func wait() async -> Value? {
        await withCheckedContinuation { continuation in
            let ready: Value?? = state.withLock { state in
                switch state {
                case .resolved(let value):
                    state = .taken
                    return .some(value)
                case .empty, .waiting, .taken:
                    state = .waiting(continuation)
                    return nil
                }
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }
}
