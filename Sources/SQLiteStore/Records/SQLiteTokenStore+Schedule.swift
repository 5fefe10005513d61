import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    static let scanStatement = """
        SELECT user_id, due_at, expires_at FROM tool_auths
        WHERE tool_id = ? AND due_at IS NOT NULL ORDER BY due_at, expires_at LIMIT ?
        """
    static let dueCountStatement = "SELECT count(*) FROM tool_auths WHERE tool_id = ? AND due_at <= ?"
    static let openAttemptsStatement = """
        SELECT tool_id, user_id FROM tool_auths WHERE attempt_id IS NOT NULL ORDER BY tool_id, user_id
        """

    package func scan(
        _ limits: [ToolID: Int], now: Timestamp
    ) async throws(StoreError) -> [ToolID: DueScan] {
        try await read { db in
            let statement = try db.cachedStatement(sql: Self.scanStatement)
            return try Dictionary(
                uniqueKeysWithValues: limits.map { toolID, limit in
                    (toolID, try Self.scan(toolID, limit: max(0, limit), now: now, statement))
                })
        }
    }

    /// One row more than asked for tells when the next is due; as many as are counted tell how few there are.
    private static func scan(
        _ toolID: ToolID, limit: Int, now: Timestamp, _ statement: Statement
    ) throws -> DueScan {
        var due: [DueRecord] = []
        var nextDueAt: Timestamp?
        var count = 0
        let rows = try Row.fetchCursor(
            statement, arguments: [toolID.rawValue, max(limit + 1, DueScan.countLimit)])
        while let row = try rows.next() {
            count += 1
            let dueAt = try row.timestamp("due_at")
            if dueAt <= now, due.count < limit {
                guard let userID = UserID(try row.text("user_id")) else { throw UnreadableValue() }
                due.append(
                    DueRecord(
                        key: ToolAuthKey(toolID, userID), dueAt: dueAt,
                        expiresAt: try row.timestampIfAny("expires_at")))
            } else if nextDueAt == nil {
                nextDueAt = dueAt
            }
        }
        return DueScan(due: due, nextDueAt: nextDueAt, scheduled: min(count, DueScan.countLimit))
    }

    package func dueCount(of tools: [ToolID], now: Timestamp) async throws(StoreError) -> Int {
        try await read { db in
            let statement = try db.cachedStatement(sql: Self.dueCountStatement)
            return try tools.reduce(0) { sum, toolID in
                sum + (try Int.fetchOne(statement, arguments: [toolID.rawValue, now.stored]) ?? 0)
            }
        }
    }

    package func openAttempts() async throws(StoreError) -> [ToolAuthKey] {
        try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: Self.openAttemptsStatement)).map { try $0.key() }
        }
    }
}
