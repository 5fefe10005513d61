import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

/// What the end of an attempt writes, and what it leaves alone.
@Suite struct EndingTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let alice: ToolAuthKey
    private let bob: ToolAuthKey

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        alice = try key("gmail", "alice")
        bob = try key("gmail", "bob")
        var full = grant(alice)
        full.record.metadata = ["instance_url": "https://eu.example"]
        full.record.refreshTokenExpiresAt = .at(90_000)
        full.record.keepaliveAt = .at(50_000)
        full.record.announceAt = .at(60_000)
        full.record.announcedDays = 7
        full.record.unmovedEnds = 1
        full.record.lastUsedAt = .at(-10)
        full.record.boot = BootReference(bootID: 5, offset: 6)
        full.record.attemptBoot = BootReference(bootID: 7, offset: 8)
        _ = try await store.put(full)
        _ = try await store.put(grant(bob))
        try store.sql(
            """
            CREATE TABLE noted (what TEXT);
            CREATE TRIGGER note_watched AFTER UPDATE OF status, client_id, token_origin ON tool_auths BEGIN
                INSERT INTO noted VALUES (new.user_id);
            END
            """)
    }

    private func claimed() async throws -> ToolAuth {
        try required(try await store.claim(alice, Attempt(id: "a1", startedAt: .at(1))))
    }

    private func end(_ toolAuth: ToolAuth, tokensChanged: Bool) async throws -> ToolAuth {
        let result = try await store.commit(
            toolAuth, ending: "a1", ifGeneration: toolAuth.record.generation, tokensChanged: tokensChanged)
        return try required(result.stored)
    }

    /// Each column of a user's row as text, by its name.
    private func columns(of key: ToolAuthKey) async throws -> [String: String] {
        try await store.pool.read { db in
            let row = try required(
                try Row.fetchOne(
                    db, sql: "SELECT * FROM tool_auths WHERE user_id = ?", arguments: [key.userID.rawValue]))
            return Dictionary(uniqueKeysWithValues: row.map { ($0.0, "\($0.1)") })
        }
    }

    @Test("an end changes the columns whose values it changes, and no others", arguments: [true, false])
    func otherColumns(tokensChanged: Bool) async throws {
        let (before, beside) = (try await columns(of: alice), try await columns(of: bob))
        var next = try await claimed()
        next.accessToken = Secret("new access")
        next.refreshToken = Secret("new refresh")
        next.record.obtainedAt = .at(2)
        next.record.lastOutcome = "refreshed"
        next.record.updatedAt = .at(3)
        _ = try await end(next, tokensChanged: tokensChanged)
        let after = try await columns(of: alice)
        let changed = Set(before.keys.filter { before[$0] != after[$0] })
        var expected: Set<String> = ["obtained_at", "last_outcome", "updated_at"]
        if tokensChanged { expected.formUnion(["access_token", "refresh_token", "generation"]) }
        #expect(changed == expected)
        #expect(after.count == before.count)
        #expect(try await columns(of: bob) == beside)
        try await store.close()
    }

    @Test("tokens that stay are whose they were, also where that changed while the attempt was under way")
    func moved() async throws {
        var next = try await claimed()
        try await store.moveTokens(
            of: alice.toolID, from: next.record.tokenOrigin, to: "https://moved.example:443")
        next.record.lastOutcome = "transient"
        #expect(try await end(next, tokensChanged: false).record.tokenOrigin == "https://moved.example:443")
        #expect(try await store.load(alice)?.record.tokenOrigin == "https://moved.example:443")
        try await store.close()
    }

    @Test("what triggers and an index wait for is not written where it stays as it is", arguments: [true, false])
    func unwatched(tokensChanged: Bool) async throws {
        _ = try await end(try await claimed(), tokensChanged: tokensChanged)
        #expect(try store.strings("SELECT what FROM noted").isEmpty)
        try await store.close()
    }

    @Test(
        "what triggers and an index wait for is written where it changes",
        arguments: [(true, 0), (true, 1), (true, 2), (false, 0)])
    func watched(tokensChanged: Bool, which: Int) async throws {
        var next = try await claimed()
        switch which {
        case 0: next.record.status = .degraded
        case 1: next.record.clientID = "another client"
        default: next.record.tokenOrigin = "https://another.example:443"
        }
        let stored = try await end(next, tokensChanged: tokensChanged)
        #expect(try store.strings("SELECT what FROM noted") == ["alice"])
        let loaded = try required(try await store.load(alice))
        #expect(loaded.record == stored.record)
        #expect(loaded.record.clientID == next.record.clientID)
        #expect(loaded.record.tokenOrigin == next.record.tokenOrigin)
        #expect(try await store.counts()[alice.toolID]?.degraded == (which == 0 ? 1 : 0))
        #expect(
            try store.strings(
                "SELECT sum(count) FROM bindings WHERE client_id = 'client' AND token_origin LIKE '%provider%'")
                == [which == 0 ? "2" : "1"])
        let page = try await store.records(RecordQuery(status: "degraded"))
        #expect(page.records.map(\.key) == (which == 0 ? [alice] : []))
        try await store.close()
    }

    @Test("tokens that the provider did not send, or took back, are none afterwards")
    func withoutRefreshToken() async throws {
        var next = try await claimed()
        next.refreshToken = nil
        next.record.hasRefreshToken = false
        _ = try await end(next, tokensChanged: true)
        let loaded = try required(try await store.load(alice))
        #expect(loaded.accessToken == Secret("access"))
        #expect(loaded.refreshToken == nil)
        #expect(!loaded.record.hasRefreshToken)
        try await store.close()
    }

    @Test("indexes say what the rows say, after claims and ends of either kind")
    func indexes() async throws {
        for tokensChanged in [true, false, true] {
            var next = try await claimed()
            next.record.refreshAt = tokensChanged ? .at(200) : .at(300)
            next.record.status = tokensChanged ? .healthy : .degraded
            _ = try await end(next, tokensChanged: tokensChanged)
            #expect(try store.strings("PRAGMA integrity_check") == ["ok"])
        }
        let due = try await store.scan([alice.toolID: 10], now: .at(1000))
        #expect(due[alice.toolID]?.due.map(\.dueAt) == [.at(100), .at(200)])
        try await store.close()
    }
}
