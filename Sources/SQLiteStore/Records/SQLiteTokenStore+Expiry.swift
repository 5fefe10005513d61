import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    /// Reads all of a tool's part of the index: no index of its own, which every refresh would have to write, is worth a
    /// metric.
    static let nextExpiryStatement = "SELECT min(expires_at) FROM tool_auths WHERE tool_id = ? AND due_at IS NOT NULL"

    package func nextExpiries(of tools: [ToolID]) async throws(StoreError) -> [ToolID: Timestamp] {
        try await read { db in
            let statement = try db.cachedStatement(sql: Self.nextExpiryStatement)
            var expiries: [ToolID: Timestamp] = [:]
            for toolID in tools {
                expiries[toolID] = try Int64.fetchOne(statement, arguments: [toolID.rawValue])
                    .map { Timestamp(millisecondsSinceEpoch: $0) }
            }
            return expiries
        }
    }
}
