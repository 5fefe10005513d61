import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    /// Records moved in one transaction.
    private static let movedPage = 512

    package func toolStates() async throws(StoreError) -> [ToolID: ToolState] {
        try await read { db in
            var states: [ToolID: ToolState] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM tools") {
                guard let toolID = ToolID(try row.text("tool_id")) else { throw UnreadableValue() }
                var pause: ToolPause?
                if let kind = try row.textIfAny("pause_kind").flatMap(ToolPause.Kind.init(rawValue:)) {
                    pause = ToolPause(
                        kind, detail: try row.textIfAny("pause_detail") ?? "",
                        since: try row.timestampIfAny("paused_since") ?? .distantPast)
                }
                states[toolID] = ToolState(pause: pause, plan: try row.textIfAny("plan"))
            }
            return states
        }
    }

    package func setPause(_ toolID: ToolID, _ pause: ToolPause?) async throws(StoreError) {
        try await writes.perform { db in
            try db.execute(
                sql: """
                    INSERT INTO tools (tool_id, pause_kind, pause_detail, paused_since) VALUES (?, ?, ?, ?)
                    ON CONFLICT (tool_id) DO UPDATE SET pause_kind = excluded.pause_kind,
                        pause_detail = excluded.pause_detail, paused_since = excluded.paused_since
                    """, arguments: [toolID.rawValue, pause?.kind.rawValue, pause?.detail, pause?.since.stored])
        }
    }

    package func setPlan(_ toolID: ToolID, _ plan: String) async throws(StoreError) {
        try await writes.perform { db in
            try db.execute(
                sql: """
                    INSERT INTO tools (tool_id, plan) VALUES (?, ?)
                    ON CONFLICT (tool_id) DO UPDATE SET plan = excluded.plan
                    """, arguments: [toolID.rawValue, plan])
        }
    }

    package func bindings() async throws(StoreError) -> [ToolID: [TokenBinding: Int]] {
        try await read { db in
            var bindings: [ToolID: [TokenBinding: Int]] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT * FROM bindings WHERE count > 0") {
                guard let toolID = ToolID(try row.text("tool_id")) else { throw UnreadableValue() }
                let binding = TokenBinding(
                    clientID: try row.text("client_id"), tokenOrigin: try row.text("token_origin"))
                bindings[toolID, default: [:]][binding] = try row.integer("count")
            }
            return bindings
        }
    }

    /// A page at a time, so that a million records do not keep others from writing; broken off, it is begun again.
    package func moveTokens(
        of toolID: ToolID, from origin: String, to successor: String
    ) async throws(StoreError) {
        var moved = Self.movedPage
        while moved == Self.movedPage {
            moved = try await writes.perform { db in
                try db.execute(
                    sql: """
                        UPDATE tool_auths SET token_origin = ? WHERE id IN (
                            SELECT id FROM tool_auths WHERE tool_id = ? AND token_origin = ? LIMIT ?)
                        """, arguments: [successor, toolID.rawValue, origin, Self.movedPage])
                return db.changesCount
            }
        }
    }
}
