import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func enqueueRevocation(
        _ toolAuth: ToolAuth, deadline: Timestamp, now: Timestamp
    ) async throws(StoreError) {
        try await writes.perform { [sealer] db in
            try RevocationTable(db: db, sealer: sealer).insert(toolAuth, deadline: deadline, now: now)
        }
    }

    package func dueRevocations(now: Timestamp, limit: Int) async throws(StoreError) -> [QueuedRevocation] {
        try await read { [sealer] db in try RevocationTable(db: db, sealer: sealer).due(now: now, limit: limit) }
    }

    package func nextRevocation() async throws(StoreError) -> Timestamp? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT min(due_at) FROM revocations")
                .map(Timestamp.init(millisecondsSinceEpoch:))
        }
    }

    package func postponeRevocation(_ id: Int64, until: Timestamp) async throws(StoreError) {
        try await writes.perform { db in
            try db.execute(
                sql: "UPDATE revocations SET due_at = ?, attempts = attempts + 1 WHERE id = ?",
                arguments: [until.stored, id])
        }
    }

    package func removeRevocation(_ id: Int64) async throws(StoreError) {
        try await writes.perform(erases: true) { db in
            try db.execute(sql: "DELETE FROM revocations WHERE id = ?", arguments: [id])
        }
    }
}
