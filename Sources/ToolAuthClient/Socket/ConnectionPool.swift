import ToolAuthCore

/// Connections that wait for the next call.
final class ConnectionPool: Sendable {
    /// Few: a caller with more calls at once than this opens connections as it needs them.
    private static let capacity = 4

    private let idle = Locked<[UnixConnection]>([])

    /// The one used last that is still quiet; nil: there is none.
    func take() -> UnixConnection? {
        idle.withLock { idle in
            while let connection = idle.popLast() {
                if connection.isQuiet { return connection }
            }
            return nil
        }
    }

    func put(_ connection: UnixConnection) {
        idle.withLock { idle in
            if idle.count == Self.capacity { idle.removeFirst() }
            idle.append(connection)
        }
    }
}
