import GRDB
import ToolAuthCore

/// The statement for one page of records: from where the last page ended, along an index, whatever is asked for.
struct RecordSelection {
    let sql: String
    let arguments: StatementArguments
    /// How many of its rows belong to the page; one more is fetched, to see whether more follow.
    let limit: Int

    init(_ query: RecordQuery) {
        limit = max(0, query.limit)
        var conditions: [String] = []
        var values: [(any DatabaseValueConvertible)?] = []
        if let toolID = query.toolID {
            conditions.append("tool_id = ?")
            values.append(toolID.rawValue)
        }
        if let userID = query.userID {
            conditions.append("user_id = ?")
            values.append(userID.rawValue)
        }
        if let status = query.status {
            // A user has few grants; the plus keeps SQLite from walking all of that status instead.
            conditions.append(query.userID == nil ? "status = ?" : "+status = ?")
            values.append(status)
        }
        if let after = query.after {
            let (condition, bounds) = Self.bound(after, query)
            conditions.append(condition)
            values += bounds
        }
        let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        sql = """
            SELECT \(RecordColumns.selection) FROM tool_auths \(filter) ORDER BY tool_id, user_id LIMIT \(limit + 1)
            """
        arguments = StatementArguments(values)
    }

    /// `(tool_id, user_id) > after`, said so that the index can seek to it where one of the two is given.
    private static func bound(
        _ after: ToolAuthKey, _ query: RecordQuery
    ) -> (String, [(any DatabaseValueConvertible)?]) {
        switch (query.toolID, query.userID) {
        case (nil, nil):
            return ("(tool_id, user_id) > (?, ?)", [after.toolID.rawValue, after.userID.rawValue])
        case (let toolID?, _):
            if toolID == after.toolID { return ("user_id > ?", [after.userID.rawValue]) }
            return (toolID > after.toolID ? "TRUE" : "FALSE", [])
        case (nil, let userID?):
            return ("tool_id \(userID > after.userID ? ">=" : ">") ?", [after.toolID.rawValue])
        }
    }
}
