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

    /// From `tool_id` and `user_id`.
    func key() throws -> ToolAuthKey {
        guard let toolID = ToolID(try text("tool_id")), let userID = UserID(try text("user_id")) else {
            throw UnreadableValue()
        }
        return ToolAuthKey(toolID, userID)
    }

    /// nil where either is NULL.
    func boot(_ bootID: String, _ offset: String) throws -> BootReference? {
        guard let bootID = try decode(Int64?.self, forColumn: bootID),
            let offset = try decode(Int64?.self, forColumn: offset)
        else { return nil }
        return BootReference(bootID: bootID, offset: offset)
    }
}

/// A column holds what no version of this program wrote.
struct UnreadableValue: Error {}
