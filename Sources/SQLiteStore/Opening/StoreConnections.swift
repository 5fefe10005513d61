import GRDB
import ToolAuthCore

/// Opens the connections of a store and makes sure that they are as durable as promised.
enum StoreConnections {
    /// How long a statement waits for a foreign program that holds a lock, such as a backup by hand.
    private static let busyTimeoutSeconds = 5.0
    private static let readers = 4

    /// - Throws: ``StoreError`` or GRDB's errors.
    static func open(_ database: String) throws -> DatabasePool {
        var configuration = Configuration()
        configuration.label = "toolauthd.store"
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.maximumReaderCount = readers
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in
            // Deleted tokens are overwritten with zeros. Nothing is ever spilled to a temporary file.
            try db.execute(sql: "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024")
        }
        let pool = try DatabasePool(path: database, configuration: configuration)
        do {
            try pool.writeWithoutTransaction { db in
                // DatabasePool sets NORMAL after prepareDatabase, which would lose commits in a power cut.
                try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216")
                try verify(db)
            }
        } catch {
            try? pool.close()
            throw error
        }
        return pool
    }

    /// Runs `body` on a connection that waits for no lock meanwhile, but fails at once.
    static func withoutWaiting<Value>(_ db: Database, _ body: () throws -> Value) throws -> Value {
        try db.execute(sql: "PRAGMA busy_timeout = 0")
        defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Int(busyTimeoutSeconds * 1000))") }
        return try body()
    }

    /// - Throws: `misuse` if the connection would not keep what it is given.
    static func verify(_ db: Database) throws {
        let wanted = [
            ("synchronous", "2"), ("journal_mode", "wal"), ("secure_delete", "1"), ("foreign_keys", "1"),
        ]
        for (name, value) in wanted {
            let actual = try Row.fetchOne(db, sql: "PRAGMA \(name)").flatMap {
                String.fromDatabaseValue($0[0]) ?? "\($0[0] ?? "")"
            }
            guard actual == value else {
                throw StoreError(
                    .misuse,
                    "SQLite would not set \(name) to \(value) for \(db.description); it is \(actual ?? "unknown").")
            }
        }
    }
}
