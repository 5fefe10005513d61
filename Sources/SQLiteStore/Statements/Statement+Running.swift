import GRDB
import GRDBSQLite

extension Statement {
    /// Binds all values anew.
    ///
    /// - Throws: `DatabaseError` if they do not fit.
    func bind(_ values: (inout ValueBinder) throws -> Void) throws {
        // How the last run ended was told then; GRDB would trap on it.
        sqlite3_reset(sqliteStatement)
        // All are NULL then, and GRDB binds none of its own when it runs the statement.
        setUncheckedArguments(StatementArguments())
        var binder = ValueBinder(sqliteStatement)
        try values(&binder)
        try binder.finish()
    }

    /// Binds all values anew and runs the statement; observers are told what it changes.
    func run(_ values: (inout ValueBinder) throws -> Void) throws {
        try bind(values)
        try execute()
    }

    // MARK: Reading

    // What is bound is read for without GRDB, which prepares its observers for changes and names each row's columns.

    /// What `decode` makes of the first row; nil: there is none.
    func first<Value>(_ decode: (inout ColumnReader) throws -> Value) throws -> Value? {
        defer { sqlite3_reset(sqliteStatement) }
        guard try step() else { return nil }
        var columns = ColumnReader(sqliteStatement)
        return try decode(&columns)
    }

    func forEachRow(_ body: (inout ColumnReader) throws -> Void) throws {
        defer { sqlite3_reset(sqliteStatement) }
        while try step() {
            var columns = ColumnReader(sqliteStatement)
            try body(&columns)
        }
    }

    /// - Returns: whether it stands at a row.
    private func step() throws -> Bool {
        switch sqlite3_step(sqliteStatement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code:
            let message = sqlite3_errmsg(sqlite3_db_handle(sqliteStatement)).map { String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }
}
