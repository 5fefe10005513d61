import FoundationEssentials
import GRDB
import GRDBSQLite
import ToolAuthCore

/// Reads the columns of a row one after the other, in the order in which they are selected: to look for each by its name costs
/// more than to read it.
///
/// Throws ``UnreadableValue`` where there is NULL, or nothing more, and neither may be: a damaged file may hold what the schema
/// forbids.
struct ColumnReader {
    private let statement: SQLiteStatement
    private var next: CInt = 0

    /// - Parameter statement: Stands at a row, for as long as this is read from.
    init(_ statement: SQLiteStatement) {
        self.statement = statement
    }

    mutating func integer() throws -> Int64 { try required(integerIfAny()) }

    mutating func integerIfAny() -> Int64? {
        column().map { sqlite3_column_int64(statement, $0) }
    }

    mutating func flag() throws -> Bool { try integer() != 0 }

    mutating func timestamp() throws -> Timestamp { Timestamp(millisecondsSinceEpoch: try integer()) }

    mutating func timestampIfAny() -> Timestamp? {
        integerIfAny().map(Timestamp.init(millisecondsSinceEpoch:))
    }

    mutating func text() throws -> String { try required(textIfAny()) }

    mutating func textIfAny() -> String? {
        guard let column = column(), let bytes = sqlite3_column_text(statement, column) else { return nil }
        // Asked for afterwards: it is that of the text as it was converted.
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    mutating func blobIfAny() -> Data? {
        guard let column = column() else { return nil }
        guard let bytes = sqlite3_column_blob(statement, column) else { return Data() }
        return Data(bytes: bytes, count: Int(sqlite3_column_bytes(statement, column)))
    }

    /// - Returns: nil: it is NULL.
    private mutating func column() -> CInt? {
        defer { next += 1 }
        return sqlite3_column_type(statement, next) == SQLITE_NULL ? nil : next
    }

    private func required<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw UnreadableValue() }
        return value
    }
}
