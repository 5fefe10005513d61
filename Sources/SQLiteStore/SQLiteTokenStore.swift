import Dispatch
import GRDB
import Synchronization
package import ToolAuthCore

/// The store of one machine: SQLite in the state directory, WAL, every commit fsynced.
///
/// Reads run on connections of their own and never wait for writes. Writes share transactions (``GroupCommit``). All
/// SQLite work runs on Dispatch queues, none on Swift's cooperative threads; cancelling a caller's task changes nothing.
package final class SQLiteTokenStore: TokenStore {
    /// Absolute path of the state directory.
    package let directory: String
    /// Whether the master key was read from a file in the state directory: who copies that has both.
    package var keyLiesBesideData: Bool { traits.withLock(\.keyLiesBesideData) }
    /// Whether the store was made on another machine, and not yet adopted by this one: it may be a clone, whose original
    /// goes on refreshing the same grants.
    package var isFromAnotherMachine: Bool { traits.withLock(\.isFromAnotherMachine) }

    let pool: DatabasePool
    let writes: GroupCommit
    let sealer: Sealer
    let machineID: String?
    let traits: Mutex<Traits>
    // Holds the lock until the store is closed.
    private let lock: Mutex<StateDirectory?>

    struct Traits: Sendable {
        var keyLiesBesideData: Bool
        var isFromAnotherMachine: Bool
    }

    init(
        _ directory: StateDirectory, pool: DatabasePool, sealer: Sealer, machineID: String?, traits: Traits,
        onCommit: @escaping @Sendable (Int) -> Void
    ) {
        self.directory = directory.path
        self.pool = pool
        self.sealer = sealer
        self.machineID = machineID
        self.traits = Mutex(traits)
        writes = GroupCommit(pool, onCommit: onCommit)
        lock = Mutex(directory)
    }

    /// Runs `body` on a reader, in a transaction of its own.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            pool.asyncRead { reader in
                do {
                    continuation.resume(returning: .success(try body(reader.get())))
                } catch {
                    continuation.resume(returning: .failure(self.storeError(error)))
                }
            }
        }
        return try result.get()
    }

    private func storeError(_ error: any Error) -> StoreError {
        lock.withLock { $0 == nil } ? .closed : StoreError(error, file: pool.path)
    }

    // MARK: Health

    package func probe() async throws(StoreError) {
        _ = try await read { db in try Int.fetchOne(db, sql: "SELECT generation FROM store_state") }
    }

    /// Finishes the writes under way, empties the log into the database, closes and unlocks. Again: nothing.
    package func close() async throws(StoreError) {
        guard writes.close() else { return }
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            pool.asyncWriteWithoutTransaction { db in
                // Failing is no loss: the log is as durable as the database, and the next start reads it.
                _ = try? db.checkpoint(.truncate)
                // Not from here: closing waits for the writer.
                DispatchQueue.global().async {
                    continuation.resume(returning: Result { try self.pool.close() }.mapError(self.storeError))
                }
            }
        }
        lock.withLock { $0 = nil }
        try result.get()
    }
}
