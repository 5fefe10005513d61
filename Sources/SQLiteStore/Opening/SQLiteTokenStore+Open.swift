import Dispatch
import FoundationEssentials
import GRDB
import Synchronization
package import ToolAuthCore

extension SQLiteTokenStore {
    /// Opens the store in `directory`, or makes one.
    ///
    /// Everything that can be wrong is looked for before anything is changed: a refused store is byte for byte as it was.
    ///
    /// - Parameters:
    ///   - directory: The state directory; made, mode 0700, if only its last component is missing.
    ///   - keys: Where the master keys are.
    ///   - machineID: The content of /etc/machine-id, remembered by a new store; nil: unknown, nothing is compared.
    ///   - onCommit: Told after each transaction how many writes shared it. Runs on the writer's queue: be brief.
    /// - Throws: `notAccessible`, `inUse`, `corrupt`, `tooNew`, `key` or `io`.
    package static func open(
        directory: String, keys: KeySource, machineID: String? = nil,
        onCommit: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws(StoreError) -> SQLiteTokenStore {
        let result: Result<SQLiteTokenStore, StoreError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                do throws(StoreError) {
                    continuation.resume(returning: .success(try openNow(directory, keys, machineID, onCommit)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    private static func openNow(
        _ path: String, _ keys: KeySource, _ machineID: String?, _ onCommit: @escaping @Sendable (Int) -> Void
    ) throws(StoreError) -> SQLiteTokenStore {
        let directory = try StateDirectory(path)
        let facts = try StoreInspection(database: directory.database).facts()
        if facts == nil { try directory.requireNoRestore() }
        try directory.requireWritable(databaseExists: facts != nil)
        try directory.tighten(databaseExists: facts != nil)
        let ring = try KeyRing.load(keys, for: facts)
        StateDirectory.discard(StateDirectory.backupFile(of: directory.database))
        StateDirectory.discard(directory.restoredFile)
        if facts == nil { try NewStore(directory).make() }
        do {
            let pool = try StoreConnections.open(directory.database)
            do {
                try Schema.migrator.migrate(pool)
                let (hold, clock, isResealing) = try pool.write { db in
                    try register(ring, in: db, isEmpty: facts?.holdsSealedData != true)
                    return (
                        try standing(machineID, in: db), try storedClock(in: db),
                        try Bool.fetchOne(db, sql: "SELECT resealing FROM store_state") ?? false
                    )
                }
                var isBeside = false
                if case .file(let file) = keys { isBeside = directory.contains(file) }
                return SQLiteTokenStore(
                    directory, pool: pool, keys: KeysInForce(ring, from: keys.origin), machineID: machineID,
                    traits: Traits(
                        keyLiesBesideData: isBeside, isResealingUnfinished: isResealing, hold: hold),
                    clock: clock, onCommit: onCommit)
            } catch {
                try? pool.close()
                throw error
            }
        } catch {
            throw StoreError(error, file: directory.database)
        }
    }

    /// Writes down the check value of the key that seals from now on. Nothing sealed is left by other keys in a store
    /// that is `isEmpty`: they are struck off, and need not come back.
    private static func register(_ ring: KeyRing, in db: Database, isEmpty: Bool) throws {
        if isEmpty { try db.execute(sql: "DELETE FROM master_keys") }
        try register(ring.newest, in: db)
    }

    /// Writes down the check value of a key that is about to seal.
    static func register(_ key: MasterKey, in db: Database) throws {
        try db.execute(
            sql: "INSERT INTO master_keys (key_id, check_value) VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [key.id, Data(key.checkValue)])
    }

    /// Remembers this machine if none is remembered yet.
    ///
    /// - Returns: why the store is held; nil: it is not.
    private static func standing(_ machineID: String?, in db: Database) throws -> StoreHold? {
        if let machineID {
            try db.execute(
                sql: "UPDATE store_state SET machine_id = ? WHERE machine_id IS NULL", arguments: [machineID])
            guard try String.fetchOne(db, sql: "SELECT machine_id FROM store_state") == machineID else {
                return .foreignMachine
            }
        }
        return try String.fetchOne(db, sql: "SELECT hold FROM store_state").flatMap(StoreHold.init(rawValue:))
    }

    private static func storedClock(in db: Database) throws -> StoredClock {
        guard let row = try Row.fetchOne(db, sql: "SELECT last_write_at, boot_id, boot_offset FROM store_state") else {
            throw UnreadableValue()
        }
        return StoredClock(
            lastWriteAt: try row.timestampIfAny("last_write_at"), boot: try row.boot("boot_id", "boot_offset"))
    }

    package func noteBoot(_ boot: BootReference) async throws(StoreError) {
        try await writes.perform { db in
            try db.execute(
                sql: "UPDATE store_state SET boot_id = ?, boot_offset = ?", arguments: [boot.bootID, boot.offset])
        }
    }

    /// Makes this machine the store's own, as the administrator says it is, and ends every hold.
    package func resume() async throws(StoreError) {
        let machineID = machineID
        try await writes.perform { db in
            try db.execute(
                sql: "UPDATE store_state SET machine_id = coalesce(?, machine_id), hold = NULL", arguments: [machineID])
        }
        traits.withLock { $0.hold = nil }
    }
}
