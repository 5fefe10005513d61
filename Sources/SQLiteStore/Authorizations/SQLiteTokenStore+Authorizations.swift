import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func begin(
        _ pending: PendingAuthorization, perRecord: Int, inAll: Int
    ) async throws(StoreError) -> Bool {
        try await writes.perform { [sealer] db in
            let table = AuthorizationTable(db: db, sealer: sealer)
            let own = try table.pendingIDs(of: pending.key)
            let dropped = own.prefix(max(0, own.count + 1 - max(1, perRecord)))
            guard try table.pendingCount(now: pending.createdAt) - dropped.count < inAll else { return false }
            for id in dropped { _ = try table.delete(id) }
            try table.insert(pending)
            return true
        }
    }

    package func consume(state: Secret, now: Timestamp) async throws(StoreError) -> Consumption {
        try await writes.perform { [sealer] db in
            try AuthorizationTable(db: db, sealer: sealer).consume(state, now: now)
        }
    }

    package func finish(
        authorization id: String, _ status: AuthorizationStatus, error: String?, keepUntil: Timestamp
    ) async throws(StoreError) {
        try await writes.perform { [sealer] db in
            try AuthorizationTable(db: db, sealer: sealer).finish(id, status, error: error, keepUntil: keepUntil)
        }
    }

    package func authorization(_ id: String, now: Timestamp) async throws(StoreError) -> AuthorizationSummary? {
        try await read { [sealer] db in try AuthorizationTable(db: db, sealer: sealer).summary(id, now: now) }
    }

    package func cancel(authorization id: String) async throws(StoreError) -> Bool {
        try await writes.perform { [sealer] db in
            try AuthorizationTable(db: db, sealer: sealer).delete(id)
        }
    }

    package func purgeAuthorizations(now: Timestamp, keepExpiredFor: Duration) async throws(StoreError) {
        try await writes.perform { [sealer] db in
            try AuthorizationTable(db: db, sealer: sealer).purge(now: now, keepExpiredFor: keepExpiredFor)
        }
    }
}
