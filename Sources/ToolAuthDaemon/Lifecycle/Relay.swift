import Synchronization

/// A call to somebody who does not exist yet: what is told before ``connect(_:)`` is forgotten.
final class Relay: Sendable {
    private let listener = Mutex<@Sendable () -> Void>({})

    func connect(_ listener: @escaping @Sendable () -> Void) {
        self.listener.withLock { $0 = listener }
    }

    func tell() {
        let listener = listener.withLock { $0 }
        listener()
    }
}
