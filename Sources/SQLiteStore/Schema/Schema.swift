import GRDB

/// The store's tables, and how older stores become today's.
enum Schema {
    /// Marks a database file as ours (`PRAGMA application_id`): `TlAu`.
    static let applicationID: Int32 = 0x546c_4175

    /// How many migrations a store of today has gone through.
    static var version: Int { migrator.migrations.count }

    /// A migration once shipped is never changed; a new one goes to the end.
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: grants, authorizations, revocations") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: firstTables)
        }
        migrator.registerMigration("2: scheduling by tool") { db in try db.execute(sql: schedulingByTool) }
        migrator.registerMigration("3: resealing") { db in try db.execute(sql: resealing) }
        return migrator
    }()
}
