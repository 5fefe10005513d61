import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct RevocationTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let alice: ToolAuthKey

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        alice = try key("gmail", "alice")
    }

    @Test("a delete queues the tokens it forgets, with all that revoking them takes")
    func deleteQueues() async throws {
        var toolAuth = grant(alice)
        toolAuth.record.metadata = ["instance_url": "https://x.example"]
        toolAuth.record.refreshTokenExpiresAt = .at(7000)
        let record = try await store.put(toolAuth)
        _ = try await store.delete(alice, .none, revocationDeadline: .at(900), now: .at(5))
        #expect(try await store.load(alice) == nil)
        #expect(try await store.nextRevocation() == .at(5))
        #expect(try await store.dueRevocations(now: .at(4), limit: 9).isEmpty)
        let queued = try required(try await store.dueRevocations(now: .at(5), limit: 9).first)
        #expect(queued.toolAuth.accessToken == Secret("access"))
        #expect(queued.toolAuth.refreshToken == Secret("refresh"))
        #expect(queued.attempts == 0)
        #expect(queued.deadline == .at(900))
        let found = queued.toolAuth.record
        #expect(found.key == record.key)
        #expect(found.clientID == record.clientID)
        #expect(found.tokenOrigin == record.tokenOrigin)
        #expect(found.tokenType == record.tokenType)
        #expect(found.scope == record.scope)
        #expect(found.metadata == record.metadata)
        #expect(found.generation == record.generation)
        #expect(found.obtainedAt == record.obtainedAt)
        #expect(found.expiresAt == record.expiresAt)
        #expect(found.refreshTokenExpiresAt == record.refreshTokenExpiresAt)
        #expect(found.createdAt == record.createdAt)
        #expect(found.hasAccessToken && found.hasRefreshToken)
        try await store.close()
    }

    @Test("forgetting and queueing is one transaction: if one fails, neither happens")
    func oneTransaction() async throws {
        _ = try await store.put(grant(alice))
        try store.sql(
            "CREATE TRIGGER no BEFORE DELETE ON tool_auths BEGIN SELECT raise(ABORT, 'no'); END")
        await #expect(throws: StoreError.self) {
            try await store.delete(alice, .none, revocationDeadline: .at(900), now: .at(1))
        }
        #expect(try await store.load(alice) != nil)
        #expect(try await store.nextRevocation() == nil)
        try await store.close()
    }

    @Test("the queue survives a restart, goes oldest first, and touches no grant")
    func queue() async throws {
        _ = try await store.put(grant(alice, access: "current"))
        for (index, at) in [30, 10, 20].enumerated() {
            try await store.enqueueRevocation(
                grant(alice, access: "t\(index)", refresh: nil), deadline: .at(900), now: .at(Int64(at)))
        }
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        func tokens(_ now: Int64, limit: Int = 9) async throws -> [Secret?] {
            try await again.dueRevocations(now: .at(now), limit: limit).map(\.toolAuth.accessToken)
        }
        #expect(try await tokens(100) == [Secret("t1"), Secret("t2"), Secret("t0")])
        #expect(try await tokens(100, limit: 1) == [Secret("t1")])
        #expect(try await tokens(20) == [Secret("t1"), Secret("t2")])
        #expect(try await again.load(alice)?.accessToken == Secret("current"))
        try await again.close()
    }

    @Test("a postponed revocation comes back later, and counts its attempts; a removed one does not come back")
    func postpone() async throws {
        try await store.enqueueRevocation(grant(alice), deadline: .at(900), now: .at(1))
        let id = try required(try await store.dueRevocations(now: .at(1), limit: 9).first).id
        try await store.postponeRevocation(id, until: .at(31))
        #expect(try await store.nextRevocation() == .at(31))
        #expect(try await store.dueRevocations(now: .at(30), limit: 9).isEmpty)
        #expect(try await store.dueRevocations(now: .at(31), limit: 9).first?.attempts == 1)
        try await store.removeRevocation(id)
        #expect(try await store.nextRevocation() == nil)
        try await store.enqueueRevocation(grant(alice), deadline: .at(900), now: .at(1))
        #expect(try await store.dueRevocations(now: .at(1), limit: 9).first?.id != id)
        try await store.close()
    }

    @Test("a grant without tokens queues nothing")
    func nothing() async throws {
        try await store.enqueueRevocation(grant(alice, access: nil, refresh: nil), deadline: .at(900), now: .at(1))
        #expect(try await store.nextRevocation() == nil)
        try await store.close()
    }

    @Test("tokens copied from one revocation to another do not open")
    func copied() async throws {
        for token in ["t0", "t1"] {
            try await store.enqueueRevocation(grant(alice, access: token), deadline: .at(900), now: .at(1))
        }
        try store.sql("UPDATE revocations SET access_token = (SELECT access_token FROM revocations WHERE id = 1)")
        let queued = try await store.dueRevocations(now: .at(1), limit: 9)
        #expect(queued.map(\.toolAuth.accessToken) == [Secret("t0"), nil])
        #expect(queued[1].toolAuth.record.status == .needsReauthorization(.undecryptable))
        try await store.close()
    }
}
