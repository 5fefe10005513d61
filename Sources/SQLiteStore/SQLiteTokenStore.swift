import Dispatch
import GRDB
package import ToolAuthCore

/// The store of one machine: SQLite in the state directory, WAL, every commit fsynced.
///
/// Reads run on connections of their own and never wait for writes. Writes share transactions (``GroupCommit``). All
/// SQLite work runs on Dispatch queues, none on Swift's cooperative threads; cancelling a caller's task changes nothing.
package final class SQLiteTokenStore: TokenStore {
    /// Absolute path of the state directory.
    package let directory: String
    /// Whether the master key was read from a file in the state directory: who copies that has both.
    package var keyLiesBesideData: Bool { traits.withLock { $0.keyLiesBesideData } }
    package var isResealingUnfinished: Bool { traits.withLock { $0.isResealingUnfinished } }
    package var hold: StoreHold? { traits.withLock { $0.hold } }
    package let lastWriteAt: Timestamp?
    package let lastBoot: BootReference?

    let pool: DatabasePool
    let writes: GroupCommit
    let keys: KeysInForce
    let sealer: Sealer
    let recent = RecentGrants()
    let machineID: String?
    let traits: Locked<Traits>
    let backupSlots = BackupSlots()
    /// Copies are made one after the other.
    let backupQueue = DispatchQueue(label: "toolauthd.backup")
    private let access: Locked<Access>
    /// The reads under way.
    private let reads = DispatchGroup()

    private struct Access: Sendable {
        var isClosed = false
        /// The connection a backup is being copied over, which may take long.
        var copying: DatabaseQueue?
        /// Holds the lock until all is closed.
        var directory: StateDirectory?
    }

    /// What the store tells of the clocks it was written by.
    struct StoredClock: Sendable {
        let lastWriteAt: Timestamp?
        let boot: BootReference?
    }

    struct Traits: Sendable {
        var keyLiesBesideData: Bool
        var isResealingUnfinished: Bool
        var hold: StoreHold?
    }

    init(
        _ directory: StateDirectory, pool: DatabasePool, keys: KeysInForce, machineID: String?, traits: Traits,
        clock: StoredClock, onCommit: @escaping @Sendable (Int) -> Void
    ) {
        self.directory = directory.path
        self.pool = pool
        self.keys = keys
        sealer = Sealer(keys: keys)
        self.machineID = machineID
        self.traits = Locked(traits)
        lastWriteAt = clock.lastWriteAt
        lastBoot = clock.boot
        writes = GroupCommit(pool, onCommit: onCommit)
        access = Locked(Access(directory: directory))
        pool.add(transactionObserver: recent)
    }

    /// Runs `body` on a reader, in a transaction of its own.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        guard beginRead() else { throw .closed }
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            pool.asyncRead { [self] reader in
                defer { endRead() }
                do {
                    continuation.resume(returning: .success(try body(reader.get())))
                } catch {
                    continuation.resume(returning: .failure(StoreError(error, file: pool.path)))
                }
            }
        }
        return try result.get()
    }

    /// Under the lock, so that a close either refuses a read or waits for it: the pool must not be closed beside one.
    func beginRead() -> Bool {
        access.withLock { access in
            if access.isClosed { return false }
            reads.enter()
            return true
        }
    }

    func endRead() { reads.leave() }

    /// A closing store interrupts the copy under way, and lets none begin.
    func beginCopy(_ queue: DatabaseQueue) -> Bool {
        access.withLock { access in
            if access.isClosed { return false }
            access.copying = queue
            return true
        }
    }

    func endCopy() { access.withLock { $0.copying = nil } }

    var isClosed: Bool { access.withLock { $0.isClosed } }

    // MARK: Health

    package func probe() async throws(StoreError) {
        _ = try await read { db in try Int.fetchOne(db, sql: "SELECT generation FROM store_state") }
    }

    package func probeWrites() async throws(StoreError) { try await writes.turn() }

    /// Finishes reads and writes under way, ends a backup that is being copied, empties the log into the database, closes and
    /// unlocks. Again: nothing.
    package func close() async throws(StoreError) {
        guard writes.close() else { return }
        access.withLock { access in
            access.isClosed = true
            access.copying?.interrupt()
        }
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            // Behind the last write in the writer's queue; not in it, since closing waits for the writer.
            pool.asyncWriteWithoutTransaction { [self] _ in
                reads.notify(queue: .global()) { [self] in continuation.resume(returning: closeNow()) }
            }
        }
        access.withLock { $0.directory = nil }
        try result.get()
    }

    private func closeNow() -> Result<Void, StoreError> {
        // Failing is no loss: the log is as durable as the database, and the next start reads it.
        _ = try? pool.barrierWriteWithoutTransaction { try $0.checkpoint(.truncate) }
        // The last connection to close removes the log, if it may write: the readers go first.
        pool.invalidateReadOnlyConnections()
        return Result { try pool.close() }.mapError { StoreError($0, file: pool.path) }
    }
}
