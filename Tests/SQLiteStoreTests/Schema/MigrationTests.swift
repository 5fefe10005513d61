import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct MigrationTests {
    /// A store as the first version made them, with these grants in it.
    private func firstVersion(_ grants: [ToolAuth]) async throws -> TemporaryDirectory {
        let today = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: today)
        for grant in grants { _ = try await store.put(grant) }
        try await store.close()
        let old = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: "\(old.path)/toolauthd.db")
        try Schema.migrator.migrate(queue, upTo: "1: grants, authorizations, revocations")
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "ATTACH ? AS today", arguments: ["\(today.path)/toolauthd.db"])
            let columns = try db.columns(in: "tool_auths").map(\.name).filter { $0 != "endpoint" }
                .joined(separator: ", ")
            try db.execute(
                sql: """
                    INSERT INTO tool_auths (\(columns)) SELECT \(columns) FROM today.tool_auths;
                    INSERT INTO master_keys SELECT * FROM today.master_keys;
                    UPDATE store_state SET generation = (SELECT generation FROM today.store_state);
                    DETACH today;
                    """)
        }
        try queue.close()
        try write(try contents(of: "\(today.path)/master.key"), to: "\(old.path)/master.key")
        return old
    }

    @Test("grants of the first version are all there, due as they were, and consented to when they were made")
    func grants() async throws {
        let alice = try key("gmail", "alice")
        let directory = try await firstVersion([
            grant(alice, refreshAt: .at(100)), grant(try key("gmail", "bob"), refreshAt: nil),
            grant(try key("slack", "alice"), refreshAt: .at(50)),
        ])
        let store = try await SQLiteTokenStore.open(in: directory)
        let loaded = try required(try await store.load(alice))
        #expect(loaded.refreshToken == Secret("refresh"))
        #expect(loaded.record.grantedAt == .at(0))
        #expect(loaded.record.boot == nil)
        #expect(loaded.record.unmovedEnds == 0)
        let scans = try await store.scan([alice.toolID: 9, try required(ToolID("slack")): 9], now: .at(60))
        #expect(scans[alice.toolID]?.due.isEmpty == true)
        #expect(scans[alice.toolID]?.nextDueAt == .at(100))
        #expect(scans[try required(ToolID("slack"))]?.due.count == 1)
        #expect(try await store.bindings()[alice.toolID]?.values.map { $0 } == [2])
        #expect(store.hold == nil)
        try await store.close()
    }

    @Test("what was stored since is there after another opening")
    func later() async throws {
        let alice = try key("gmail", "alice")
        let directory = try await firstVersion([grant(alice)])
        let store = try await SQLiteTokenStore.open(in: directory)
        let claimed = try required(try await store.claim(alice, Attempt(id: "a", startedAt: .at(1))))
        _ = try await store.commit(
            claimed, ending: "a", ifGeneration: claimed.record.generation, tokensChanged: true)
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        #expect(try await again.record(alice)?.generation == claimed.record.generation + 1)
        #expect(again.lastWriteAt == .at(1))
        try await again.close()
    }
}
