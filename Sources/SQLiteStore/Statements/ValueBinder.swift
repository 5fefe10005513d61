import FoundationEssentials
import GRDB
import GRDBSQLite
import ToolAuthCore

/// Takes the values of a statement one after the other, in the order of its parameters.
///
/// GRDB's `StatementArguments` goes over an array of existentials and two more: for the forty values of a record that costs
/// more than what SQLite does with them.
struct ValueBinder {
    private let statement: SQLiteStatement
    private var count: CInt = 0
    /// The first that SQLite refused.
    private var failure = SQLITE_OK

    /// - Parameter statement: All of its values are NULL.
    init(_ statement: SQLiteStatement) {
        self.statement = statement
    }

    mutating func bind(_ integer: Int64?) {
        count += 1
        if let integer { note(sqlite3_bind_int64(statement, count, integer)) }
    }

    mutating func bind(_ integer: Int?) { bind(integer.map(Int64.init)) }

    mutating func bind(_ instant: Timestamp?) { bind(instant?.stored) }

    mutating func bind(_ text: String?) {
        count += 1
        guard var text else { return }
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // Without an address it would be NULL.
                guard let first = characters.baseAddress else {
                    return sqlite3_bind_text(statement, count, "", 0, Self.copied)
                }
                return sqlite3_bind_text64(
                    statement, count, first, UInt64(characters.count), Self.copied, UInt8(SQLITE_UTF8))
            }
        }
        note(code)
    }

    mutating func bind(_ blob: Data?) {
        count += 1
        guard let blob else { return }
        let code = blob.withUnsafeBytes { bytes in
            guard let first = bytes.baseAddress else { return sqlite3_bind_zeroblob(statement, count, 0) }
            return sqlite3_bind_blob64(statement, count, first, UInt64(bytes.count), Self.copied)
        }
        note(code)
    }

    /// - Throws: `DatabaseError`: SQLite refused a value, or there are more or fewer than parameters.
    func finish() throws {
        guard failure == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: failure)) }
        guard count == sqlite3_bind_parameter_count(statement) else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "\(count) values do not fit the statement")
        }
    }

    private mutating func note(_ code: CInt) {
        if failure == SQLITE_OK { failure = code }
    }

    /// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite makes a copy.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
