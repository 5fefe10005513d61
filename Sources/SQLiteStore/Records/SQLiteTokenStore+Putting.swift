import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func put(_ toolAuth: ToolAuth, _ precondition: Precondition) async throws(StoreError) -> PutResult {
        try await writes.perform { [sealer] db in
            let table = RecordTable(db: db, sealer: sealer)
            let former = try table.record(toolAuth.key)
            guard precondition.holds(for: former) else { return .mismatch(former) }
            var next = toolAuth
            next.record.attempt = nil
            next.record.generation = try table.nextGeneration(at: next.record.updatedAt)
            next.record.status = next.record.status.storable(former: nil)
            try table.upsert(next)
            guard let record = try table.record(toolAuth.key) else { throw UnreadableValue() }
            return former.map { .replaced(record, former: $0) } ?? .created(record)
        }
    }

    package func delete(
        _ key: ToolAuthKey, _ precondition: Precondition, revocationDeadline: Timestamp?, now: Timestamp
    ) async throws(StoreError) -> DeleteResult {
        try await writes.perform(erases: true) { [sealer] db in
            let table = RecordTable(db: db, sealer: sealer)
            guard let former = try table.record(key) else { return .notFound }
            guard precondition.holds(for: former) else { return .mismatch(former) }
            if let revocationDeadline, let toolAuth = try table.toolAuth(key) {
                try RevocationTable(db: db, sealer: sealer).insert(toolAuth, deadline: revocationDeadline, now: now)
            }
            try table.delete(key)
            return .deleted(former)
        }
    }
}

extension Precondition {
    fileprivate func holds(for record: ToolAuthRecord?) -> Bool {
        switch self {
        case .none: true
        case .absent: record == nil
        case .generation(let generation): record?.generation == generation
        }
    }
}
