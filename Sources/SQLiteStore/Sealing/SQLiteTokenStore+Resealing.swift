import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func beginResealing() async throws(StoreError) -> ResealingGoal {
        // Behind whatever was sealed with the key before, so that the count has it.
        try await setResealing(true)
        let keyID = keys.ring.newest.id
        return ResealingGoal(
            keyID: keyID, count: try await read { try SealedTable.countOthers(than: keyID, in: $0) })
    }

    /// The rows are looked for by a reader, which may take long in a large store, and written by their ids, which does not.
    package func reseal(
        from position: ResealingPosition?, limit: Int
    ) async throws(StoreError) -> ResealedPage {
        let position = position ?? ResealingPosition(table: 0, row: .min)
        guard SealedTable.all.indices.contains(position.table) else {
            return ResealedPage(next: nil, resealed: 0, unopened: 0)
        }
        let table = SealedTable.all[position.table]
        let keyID = keys.ring.newest.id
        let limit = max(1, limit)
        let rows = try await read {
            try table.rows(after: position.row, sealedOtherwiseThan: keyID, limit: limit, in: $0)
        }
        var next: ResealingPosition?
        if let last = rows.last, rows.count == limit {
            next = ResealingPosition(table: position.table, row: last)
        } else if position.table + 1 < SealedTable.all.count {
            next = ResealingPosition(table: position.table + 1, row: .min)
        }
        if rows.isEmpty { return ResealedPage(next: next, resealed: 0, unopened: 0) }
        let ends = try await writes.perform { [sealer] db in
            try rows.compactMap { try table.reseal($0, with: sealer, in: db) }
        }
        let resealed = ends.count { $0 }
        return ResealedPage(next: next, resealed: resealed, unopened: ends.count - resealed)
    }

    package func endResealing(to keyID: String) async throws(StoreError) -> Bool {
        guard keys.ring.newest.id == keyID else { return false }
        try await setResealing(false)
        return true
    }

    private func setResealing(_ isResealing: Bool) async throws(StoreError) {
        try await writes.perform(erases: !isResealing) { db in
            try db.execute(sql: "UPDATE store_state SET resealing = ?", arguments: [isResealing])
        }
    }
}
