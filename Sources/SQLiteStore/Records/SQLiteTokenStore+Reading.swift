import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func load(_ key: ToolAuthKey) async throws(StoreError) -> ToolAuth? {
        let ticket = recent.ticket()
        let found = try await read { [sealer] in try RecordTable(db: $0, sealer: sealer).row(key) }
        if let found { recent.remember(found.toolAuth, rowID: found.id, since: ticket) }
        return found?.toolAuth
    }

    package func recentlyLoaded(_ key: ToolAuthKey) -> ToolAuth? { recent.grant(key) }

    package func record(_ key: ToolAuthKey) async throws(StoreError) -> ToolAuthRecord? {
        try await read { [sealer] in try RecordTable(db: $0, sealer: sealer).record(key) }
    }

    package func records(_ query: RecordQuery) async throws(StoreError) -> RecordPage {
        let selection = RecordSelection(query)
        return try await read { db in
            let statement = try db.cachedStatement(sql: selection.sql)
            try statement.setArguments(selection.arguments)
            var records: [ToolAuthRecord] = []
            var hasMore = false
            try statement.forEachRow { columns in
                if records.count < selection.limit {
                    records.append(try ToolAuthRecord(&columns))
                } else {
                    hasMore = true
                }
            }
            return RecordPage(records: records, hasMore: hasMore)
        }
    }

    package func counts() async throws(StoreError) -> [ToolID: StatusCounts] {
        try await read { db in
            var counts: [ToolID: StatusCounts] = [:]
            let statement = try db.cachedStatement(
                sql: "SELECT tool_id, status, count FROM status_counts WHERE count > 0")
            for row in try Row.fetchAll(statement) {
                guard let toolID = ToolID(try row.text("tool_id")) else { throw UnreadableValue() }
                let count = try row.integer("count")
                switch try row.text("status") {
                case "healthy": counts[toolID, default: StatusCounts()].healthy = count
                case "degraded": counts[toolID, default: StatusCounts()].degraded = count
                default: counts[toolID, default: StatusCounts()].needsReauthorization = count
                }
            }
            return counts
        }
    }
}
