import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct RefreshingTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let alice: ToolAuthKey
    private let generation: Int64

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        alice = try key("gmail", "alice")
        generation = try await store.put(grant(alice)).generation
    }

    private func claim(_ id: String) async throws -> ToolAuth {
        try required(try await store.claim(alice, Attempt(id: id, startedAt: .at(1))))
    }

    @Test("a claim is durable, takes the grant out of the schedule, and brings its tokens")
    func claims() async throws {
        let claimed = try await claim("a1")
        #expect(claimed.record.attempt == Attempt(id: "a1", startedAt: .at(1)))
        #expect(claimed.refreshToken == Secret("refresh"))
        #expect(claimed.record.generation == generation)
        #expect(claimed.record.dueAt == nil)
        let crashed = try TemporaryDirectory()
        try copyCrashed(store, to: crashed)
        let recovered = try await SQLiteTokenStore.open(in: crashed)
        #expect(try await recovered.openAttempts() == [alice])
        try await recovered.close()
        try await store.close()
    }

    @Test("a success stores new tokens under a new generation and ends the attempt")
    func success() async throws {
        var claimed = try await claim("a1")
        claimed.accessToken = Secret("new access")
        claimed.refreshToken = Secret("new refresh")
        claimed.record.lastRefreshedAt = .at(2)
        let result = try await store.commit(claimed, ending: "a1", ifGeneration: generation, tokensChanged: true)
        let stored = try required(result.stored)
        #expect(stored.record.generation > generation)
        #expect(stored.record.attempt == nil)
        #expect(stored.record.lastRefreshedAt == .at(2))
        let loaded = try required(try await store.load(alice))
        #expect(loaded.record == stored.record)
        #expect(loaded.accessToken == Secret("new access"))
        #expect(loaded.refreshToken == Secret("new refresh"))
        #expect(try await store.openAttempts().isEmpty)
        try await store.close()
    }

    @Test("a failure keeps tokens and generation, whatever the value says")
    func failure() async throws {
        var claimed = try await claim("a1")
        claimed.accessToken = Secret("not to be stored")
        claimed.record.generation = 99
        claimed.record.status = .degraded
        claimed.record.nextAttemptAt = .at(60)
        let result = try await store.commit(claimed, ending: "a1", ifGeneration: generation, tokensChanged: false)
        #expect(result.stored?.record.generation == generation)
        let loaded = try required(try await store.load(alice))
        #expect(loaded.accessToken == Secret("access"))
        #expect(loaded.record.status == .degraded)
        #expect(loaded.record.dueAt == .at(60))
        #expect(loaded.record.createdAt == .at(0))
        try await store.close()
    }

    @Test("a late attempt whose grant was claimed again is superseded, success or failure", arguments: [true, false])
    func late(tokensChanged: Bool) async throws {
        let first = try await claim("a1")
        let second = try await claim("a2")
        let result = try await store.commit(
            first, ending: "a1", ifGeneration: generation, tokensChanged: tokensChanged)
        guard case .superseded(let current?) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(current.record == second.record)
        #expect(current.refreshToken == Secret("refresh"))
        #expect(try await store.openAttempts() == [alice])
        #expect(
            try await store.commit(second, ending: "a2", ifGeneration: generation, tokensChanged: true).stored != nil)
        try await store.close()
    }

    @Test("an attempt ends once")
    func twice() async throws {
        let claimed = try await claim("a1")
        _ = try await store.commit(claimed, ending: "a1", ifGeneration: generation, tokensChanged: false)
        let again = try await store.commit(claimed, ending: "a1", ifGeneration: generation, tokensChanged: false)
        #expect(again.stored == nil)
        try await store.close()
    }

    @Test("a change outside of any attempt is superseded while one is under way")
    func outside() async throws {
        let toolAuth = try required(try await store.load(alice))
        _ = try await claim("a1")
        let result = try await store.commit(toolAuth, ending: nil, ifGeneration: generation, tokensChanged: false)
        #expect(result.stored == nil)
        #expect(try await store.openAttempts() == [alice])
        try await store.close()
    }

    @Test("a change outside of any attempt is superseded once the grant has moved on", arguments: [true, false])
    func outsideLate(tokensChanged: Bool) async throws {
        let toolAuth = try required(try await store.load(alice))
        let newer = try await store.put(grant(alice, access: "newer"))
        let result = try await store.commit(
            toolAuth, ending: nil, ifGeneration: generation, tokensChanged: tokensChanged)
        #expect(result.stored == nil)
        #expect(try await store.record(alice) == newer)
        #expect(try await store.load(alice)?.accessToken == Secret("newer"))
        try await store.close()
    }

    @Test("a grant that was connected anew or deleted wins over the refresh's result", arguments: [true, false])
    func movedOn(deleted: Bool) async throws {
        let claimed = try await claim("a1")
        if deleted {
            _ = try await store.delete(alice, .none, revocationDeadline: nil, now: .at(1))
        } else {
            _ = try await store.put(grant(alice, access: "newer"))
        }
        let result = try await store.commit(claimed, ending: "a1", ifGeneration: generation, tokensChanged: true)
        guard case .superseded(let current) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(current?.accessToken == (deleted ? nil : Secret("newer")))
        #expect(try await store.load(alice)?.accessToken == (deleted ? nil : Secret("newer")))
        try await store.close()
    }

    @Test(
        "reasons that were found out are stored, with success or failure",
        arguments: [ReauthorizationReason.grantRejected, .replyLost, .expiredUnrefreshable], [true, false])
    func reasons(reason: ReauthorizationReason, tokensChanged: Bool) async throws {
        var claimed = try await claim("a1")
        claimed.record.status = .needsReauthorization(reason)
        _ = try await store.commit(claimed, ending: "a1", ifGeneration: generation, tokensChanged: tokensChanged)
        let record = try required(try await store.record(alice))
        #expect(record.status == .needsReauthorization(reason))
        #expect(record.dueAt == nil)
        try await store.close()
    }

    @Test("computed reasons leave the stored status as it was")
    func computed() async throws {
        var claimed = try await claim("a1")
        claimed.record.status = .degraded
        _ = try await store.commit(claimed, ending: "a1", ifGeneration: generation, tokensChanged: false)
        claimed.record.status = .needsReauthorization(.configurationChanged)
        _ = try await store.commit(claimed, ending: nil, ifGeneration: generation, tokensChanged: false)
        #expect(try await store.record(alice)?.status == .degraded)
        try await store.close()
    }
}
