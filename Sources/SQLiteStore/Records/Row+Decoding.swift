import FoundationEssentials
import GRDB
import ToolAuthCore

// Throwing where GRDB's subscripts would trap: a damaged file may hold what the schema forbids.
extension Row {
    func text(_ column: String) throws -> String { try decode(String.self, forColumn: column) }
    func textIfAny(_ column: String) throws -> String? { try decode(String?.self, forColumn: column) }
    func integer(_ column: String) throws -> Int { try decode(Int.self, forColumn: column) }
    func flag(_ column: String) throws -> Bool { try decode(Bool.self, forColumn: column) }
    func blobIfAny(_ column: String) throws -> Data? { try decode(Data?.self, forColumn: column) }

    func timestamp(_ column: String) throws -> Timestamp {
        Timestamp(millisecondsSinceEpoch: try decode(Int64.self, forColumn: column))
    }

    func timestampIfAny(_ column: String) throws -> Timestamp? {
        try decode(Int64?.self, forColumn: column).map(Timestamp.init(millisecondsSinceEpoch:))
    }

    /// From `status` and `reason`.
    func status() throws -> ToolAuthStatus {
        let reason = try textIfAny("reason").flatMap(ReauthorizationReason.init(rawValue:))
        guard let status = ToolAuthStatus(name: try text("status"), reason: reason) else { throw UnreadableValue() }
        return status
    }

    /// From `tool_id` and `user_id`.
    func key() throws -> ToolAuthKey {
        guard let toolID = ToolID(try text("tool_id")), let userID = UserID(try text("user_id")) else {
            throw UnreadableValue()
        }
        return ToolAuthKey(toolID, userID)
    }
}

extension Row {
    /// What `decode` makes of a statement's first row; nil: it has none.
    ///
    /// The row is not copied, unlike that of `fetchOne`, which looks for each column by comparing it with the names of all.
    static func first<Value>(
        of statement: Statement, _ arguments: StatementArguments, _ decode: (Row) throws -> Value
    ) throws -> Value? {
        let rows = try fetchCursor(statement, arguments: arguments)
        // Its end resets the statement, and the row with it.
        return try withExtendedLifetime(rows) { try rows.next().map(decode) }
    }
}

/// A column holds what no version of this program wrote.
struct UnreadableValue: Error {}
