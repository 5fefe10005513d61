import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite("Grants read again") struct RecentGrantsTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
    }

    private func stored(_ user: String, access: String = "access") async throws -> ToolAuthKey {
        let key = try key("gmail", user)
        _ = try await store.put(grant(key, access: access))
        return key
    }

    @Test("are known once they were loaded, but for the refresh token")
    func known() async throws {
        let key = try await stored("alice")
        #expect(store.recentlyLoaded(key) == nil)
        let loaded = try #require(try await store.load(key))
        let recent = try #require(store.recentlyLoaded(key))
        #expect(recent.record == loaded.record)
        #expect(recent.accessToken == loaded.accessToken)
        #expect(loaded.refreshToken != nil && recent.refreshToken == nil)
        try await store.close()
    }

    @Test("are forgotten with every kind of write, before the writer is told, and nobody else's are")
    func forgotten() async throws {
        let (alice, bob) = (try await stored("alice"), try await stored("bob"))
        let attempt = Attempt(id: "one", startedAt: .at(1))
        var generation: Int64 = 0
        let writes: [(String, @Sendable (Int64) async throws -> Void)] = [
            ("claim", { [store] _ in _ = try await store.claim(alice, attempt) }),
            (
                "commit",
                { [store] generation in
                    let result = try await store.commit(
                        grant(alice, access: "second"), ending: "one", ifGeneration: generation, tokensChanged: true)
                    guard case .stored = result else { throw Missing() }
                }
            ),
            (
                "revise one",
                { [store] _ in
                    _ = try await store.revise(alice) {
                        $0.lastUsedAt = .at(5)
                        return true
                    }
                }
            ),
            (
                "revise a page",
                { [store] _ in
                    _ = try await store.revise(alice.toolID, after: nil, limit: 1) {
                        $0.lastUsedAt = .at(6)
                        return true
                    }
                }
            ),
            ("put", { [store] _ in _ = try await store.put(grant(alice, access: "third")) }),
            (
                "delete",
                { [store] _ in
                    _ = try await store.delete(alice, .none, revocationDeadline: nil, now: .at(7))
                }
            ),
        ]
        for (name, write) in writes {
            generation = try #require(try await store.load(alice)).record.generation
            _ = try await store.load(bob)
            #expect(store.recentlyLoaded(alice) != nil, "before \(name)")
            try await write(generation)
            #expect(store.recentlyLoaded(alice) == nil, "after \(name)")
            #expect(store.recentlyLoaded(bob) != nil, "bob after \(name)")
        }
        #expect(try await store.load(alice) == nil)
        #expect(store.recentlyLoaded(alice) == nil)
        try await store.close()
    }

    @Test("are forgotten where tokens are moved to another origin")
    func moved() async throws {
        let alice = try await stored("alice")
        _ = try await store.load(alice)
        try await store.moveTokens(
            of: alice.toolID, from: "https://provider.example:443", to: "https://other.example:443")
        #expect(store.recentlyLoaded(alice) == nil)
        #expect(try await store.load(alice)?.record.tokenOrigin == "https://other.example:443")
        try await store.close()
    }

    @Test("stay where a write fails, and never show what was not committed")
    func failed() async throws {
        struct Failure: Error {}
        let alice = try await stored("alice")
        _ = try await store.load(alice)
        do {
            try await store.writes.perform { db in
                try db.execute(sql: "UPDATE tool_auths SET scope = 'never'")
                throw Failure()
            }
            Issue.record("the write did not fail")
        } catch {}
        #expect(store.recentlyLoaded(alice)?.record.scope ?? "mail.read" == "mail.read")
        #expect(try await store.load(alice)?.record.scope == "mail.read")
        try await store.close()
    }

    @Test("that were read beside a commit are not remembered: they may be from before it")
    func besideACommit() async throws {
        let recent = RecentGrants()
        let (alice, bob) = (try await stored("alice"), try await stored("bob"))
        try await store.close()
        let ticket = recent.ticket()
        recent.remember(grant(alice), rowID: 1, since: ticket)
        let pool = try DatabaseQueue()
        pool.add(transactionObserver: recent, extent: .databaseLifetime)
        try await pool.write { try $0.execute(sql: "CREATE TABLE tool_auths (id INTEGER PRIMARY KEY)") }
        try await pool.write { try $0.execute(sql: "INSERT INTO tool_auths VALUES (7)") }
        recent.remember(grant(bob), rowID: 2, since: ticket)
        #expect(recent.grant(alice) != nil)
        #expect(recent.grant(bob) == nil)
        recent.remember(grant(bob), rowID: 2, since: recent.ticket())
        #expect(recent.grant(bob) != nil)
    }

    @Test("never are more than the capacity, and those asked for stay")
    func capacity() throws {
        let recent = RecentGrants(capacity: 8)
        let favourite = try key("gmail", "alice")
        recent.remember(grant(favourite), rowID: 0, since: recent.ticket())
        for number in 1...100 {
            recent.remember(grant(try key("gmail", "user-\(number)")), rowID: Int64(number), since: recent.ticket())
            #expect(recent.count <= 8)
            #expect(recent.grant(favourite) != nil)
        }
        #expect(recent.grant(try key("gmail", "user-1")) == nil)
        #expect(recent.grant(try key("gmail", "user-100")) != nil)
    }

    @Test("readers beside a writer never see a token older than one they saw, nor than one whose commit returned")
    func race() async throws {
        let alice = try await stored("alice", access: "0")
        let writer = Task { [store] in
            for number in 1...400 { _ = try await store.put(grant(alice, access: "\(number)")) }
        }
        let seen = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { [store] in
                    var last = 0
                    while last < 400 {
                        let found: ToolAuth?
                        if let recent = store.recentlyLoaded(alice) {
                            found = recent
                        } else {
                            found = try await store.load(alice)
                        }
                        let number = Int(found?.accessToken?.reveal() ?? "") ?? -1
                        #expect(number >= last)
                        last = max(last, number)
                        await Task.yield()
                    }
                    return last
                }
            }
            return try await group.reduce(0, max)
        }
        try await writer.value
        #expect(seen == 400)
        try await store.close()
    }
}
