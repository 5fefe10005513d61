import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct DurabilityTests {
    @Test(
        "the writer's own connection is set to lose nothing",
        arguments: [("synchronous", "2"), ("journal_mode", "wal"), ("secure_delete", "1"), ("foreign_keys", "1")])
    func writer(pragma: String, expected: String) async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let value = try store.pool.writeWithoutTransaction { try Row.fetchOne($0, sql: "PRAGMA \(pragma)") }
        #expect(value.map { "\($0[0] ?? "")" } == expected)
        try await store.close()
    }

    @Test(
        "a connection that would lose something is refused",
        arguments: ["synchronous = NORMAL", "secure_delete = OFF", "foreign_keys = OFF"])
    func refused(pragma: String) async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        try store.sql("PRAGMA \(pragma)")
        #expect(throws: StoreError.self) {
            try store.pool.writeWithoutTransaction { try StoreConnections.verify($0) }
        }
        try await store.close()
    }

    @Test("a reader sees the last commit while a write is under way, and does not wait for it")
    func readersDoNotWait() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let key = try key("gmail", "alice")
        _ = try await store.put(grant(key))
        let writer = HeldWriter()
        await writer.hold(store, "DELETE FROM tool_auths")
        #expect(try await store.load(key) != nil)
        writer.release()
        try await store.close()
    }

    @Test("after close everything is refused, and closing again is nothing")
    func closed() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        try await store.close()
        try await store.close()
        let key = try key("gmail", "alice")
        await #expect(throws: StoreError.closed) { try await store.probe() }
        await #expect(throws: StoreError.closed) { try await store.put(grant(key), .none) }
        await #expect(throws: StoreError.closed) { try await store.load(key) }
    }

    @Test("close leaves the database alone, its log emptied into it")
    func closeEmptiesLog() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let alice = try await store.put(grant(key("gmail", "alice")))
        _ = try await store.load(alice.key)
        try await store.close()
        #expect(entries(of: directory.path) == ["master.key", "toolauthd.db"])
    }

    @Test("close empties the log also while somebody else reads the file")
    func closeBesideReader() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let other = try DatabaseQueue(path: "\(directory.path)/toolauthd.db")
        _ = try await store.put(grant(key("gmail", "alice")))
        try await store.close()
        #expect(try contents(of: "\(directory.path)/toolauthd.db-wal").isEmpty)
        try other.close()
    }

    @Test("close waits for the writes it found under way")
    func closeFinishesWrites() async throws {
        let directory = try TemporaryDirectory()
        let store = try await SQLiteTokenStore.open(in: directory)
        let stored = await withTaskGroup(of: ToolAuthKey?.self) { group in
            for index in 0..<200 {
                group.addTask {
                    guard let key = try? key("gmail", "user\(index)") else { return nil }
                    return (try? await store.put(grant(key))) == nil ? nil : key
                }
            }
            group.addTask {
                try? await store.close()
                return nil
            }
            return await group.reduce(into: Set<ToolAuthKey>()) { if let key = $1 { $0.insert(key) } }
        }
        let again = try await SQLiteTokenStore.open(in: directory)
        let found = try await again.records(RecordQuery(limit: 1000)).records.map(\.key)
        #expect(Set(found) == stored)
        try await again.close()
    }
}
