import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    static let dueStatement = """
        SELECT tool_id, user_id, due_at, expires_at FROM tool_auths
        WHERE endpoint = ? AND due_at <= ? ORDER BY due_at, expires_at LIMIT ?
        """
    static let nextDueStatement = """
        SELECT due_at FROM tool_auths WHERE endpoint = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT 1
        """
    static let openAttemptsStatement = """
        SELECT tool_id, user_id FROM tool_auths WHERE attempt_id IS NOT NULL ORDER BY tool_id, user_id
        """

    package func due(
        at endpoint: EndpointID, now: Timestamp, limit: Int
    ) async throws(StoreError) -> [DueRecord] {
        try await read { db in
            let statement = try db.cachedStatement(sql: Self.dueStatement)
            return try Row.fetchAll(statement, arguments: [endpoint.rawValue, now.stored, max(0, limit)]).map {
                DueRecord(
                    key: try $0.key(), dueAt: try $0.timestamp("due_at"), expiresAt: try $0.timestampIfAny("expires_at")
                )
            }
        }
    }

    package func nextDue(at endpoints: [EndpointID]) async throws(StoreError) -> [EndpointID: Timestamp] {
        try await read { db in
            let statement = try db.cachedStatement(sql: Self.nextDueStatement)
            var next: [EndpointID: Timestamp] = [:]
            for endpoint in endpoints {
                next[endpoint] = try Int64.fetchOne(statement, arguments: [endpoint.rawValue])
                    .map(Timestamp.init(millisecondsSinceEpoch:))
            }
            return next
        }
    }

    package func openAttempts() async throws(StoreError) -> [ToolAuthKey] {
        try await read { db in
            try Row.fetchAll(db.cachedStatement(sql: Self.openAttemptsStatement)).map { try $0.key() }
        }
    }

    package func assignEndpoints(_ endpoints: [ToolID: EndpointID]) async throws(StoreError) {
        // Asked first on a reader: at most starts nothing has changed, and then nothing is written.
        guard try await !read({ db in try EndpointAssignment(endpoints, in: db).isEmpty }) else { return }
        try await writes.perform { db in try EndpointAssignment(endpoints, in: db).apply(to: db) }
    }
}
