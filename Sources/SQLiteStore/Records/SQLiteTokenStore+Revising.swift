import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func revise(
        _ toolID: ToolID, after: UserID?, limit: Int, _ change: @escaping @Sendable (inout ToolAuthRecord) -> Bool
    ) async throws(StoreError) -> RevisedPage {
        try await writes.perform { [sealer] db in
            let table = RecordTable(db: db, sealer: sealer)
            let page = try table.page(of: toolID, after: after, limit: max(1, limit))
            var changed = 0
            var nextDueAt: Timestamp?
            for record in page {
                guard let revised = try table.revise(record, change) else { continue }
                changed += 1
                if let dueAt = revised.dueAt { nextDueAt = min(nextDueAt ?? dueAt, dueAt) }
            }
            let last = page.count < max(1, limit) ? nil : page.last?.userID
            return RevisedPage(last: last, changed: changed, nextDueAt: nextDueAt)
        }
    }

    package func revise(
        _ key: ToolAuthKey, _ change: @escaping @Sendable (inout ToolAuthRecord) -> Bool
    ) async throws(StoreError) -> ToolAuthRecord? {
        try await writes.perform { [sealer] db in
            let table = RecordTable(db: db, sealer: sealer)
            guard let record = try table.record(key) else { return nil }
            return try table.revise(record, change) ?? record
        }
    }
}

extension RecordTable {
    /// Grants of a tool in the order of their users.
    fileprivate func page(of toolID: ToolID, after: UserID?, limit: Int) throws -> [ToolAuthRecord] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT \(RecordColumns.selection) FROM tool_auths WHERE tool_id = ? AND user_id > ?
                ORDER BY user_id LIMIT ?
                """)
        try statement.bind { values in
            values.bind(toolID.rawValue)
            values.bind(after?.rawValue ?? "")
            values.bind(limit)
        }
        var records: [ToolAuthRecord] = []
        try statement.forEachRow { records.append(try ToolAuthRecord(&$0)) }
        return records
    }

    /// Stores what `change` made of a record; its tokens, generation and attempt stay.
    ///
    /// - Returns: nil if it was passed over or nothing changed.
    fileprivate func revise(
        _ record: ToolAuthRecord, _ change: (inout ToolAuthRecord) -> Bool
    ) throws -> ToolAuthRecord? {
        guard record.attempt == nil else { return nil }
        var revised = record
        guard change(&revised) else { return nil }
        revised.generation = record.generation
        revised.attempt = nil
        revised.status = revised.status.storable(former: record.status)
        try update(revised)
        return revised
    }
}
