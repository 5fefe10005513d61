import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct PuttingTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let alice: ToolAuthKey

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        alice = try key("gmail", "alice")
    }

    @Test("the first put creates, the next replaces under a new generation and keeps createdAt")
    func replaces() async throws {
        guard case .created(let first) = try await store.put(grant(alice), .none) else { throw Missing() }
        var next = grant(alice, access: "new", refresh: nil)
        next.record = ToolAuthRecord(
            key: alice, tokenType: "Bearer", scope: "other", obtainedAt: .at(50), expiresAt: nil, hasAccessToken: true,
            hasRefreshToken: false, clientID: "client", tokenOrigin: "https://provider.example:443", createdAt: .at(50))
        guard case .replaced(let second, let former) = try await store.put(next, .none) else { throw Missing() }
        #expect(former == first)
        #expect(second.generation > first.generation)
        #expect(second.createdAt == first.createdAt)
        #expect(second.updatedAt == .at(50))
        #expect(second.scope == "other")
        let loaded = try required(try await store.load(alice))
        #expect(loaded.accessToken == Secret("new"))
        #expect(loaded.refreshToken == nil)
        try await store.close()
    }

    @Test("a put that must find nothing, or a generation, writes nothing if it does not")
    func preconditions() async throws {
        guard case .mismatch(nil) = try await store.put(grant(alice), .generation(1)) else { throw Missing() }
        #expect(try await store.record(alice) == nil)
        guard case .created(let first) = try await store.put(grant(alice), .absent) else { throw Missing() }
        guard case .mismatch(first?) = try await store.put(grant(alice, access: "x"), .absent) else { throw Missing() }
        guard case .mismatch(first?) = try await store.put(grant(alice, access: "x"), .generation(first.generation + 1))
        else { throw Missing() }
        #expect(try await store.load(alice)?.accessToken == Secret("access"))
        #expect(try await store.record(alice) == first)
        guard case .replaced = try await store.put(grant(alice, access: "x"), .generation(first.generation)) else {
            throw Missing()
        }
        try await store.close()
    }

    @Test("a put ends the attempt under way, whatever the value says")
    func endsAttempt() async throws {
        let first = try await store.put(grant(alice))
        _ = try await store.claim(alice, Attempt(id: "a1", startedAt: .at(1)))
        var next = grant(alice)
        next.record.attempt = Attempt(id: "a1", startedAt: .at(1))
        #expect(try await store.put(next).attempt == nil)
        #expect(try await store.openAttempts().isEmpty)
        let late = try await store.commit(
            grant(alice, access: "late"), ending: "a1", ifGeneration: first.generation, tokensChanged: true)
        #expect(late.stored == nil)
        #expect(try await store.load(alice)?.accessToken == Secret("access"))
        try await store.close()
    }

    @Test("a computed reason is not put", arguments: [ReauthorizationReason.undecryptable, .configurationChanged])
    func computed(reason: ReauthorizationReason) async throws {
        var toolAuth = grant(alice)
        toolAuth.record.status = .needsReauthorization(reason)
        #expect(try await store.put(toolAuth).status == .healthy)
        try await store.close()
    }

    @Test("generations never repeat, through deletes and restarts")
    func generations() async throws {
        var generations: [Int64] = []
        generations.append(try await store.put(grant(alice)).generation)
        _ = try await store.delete(alice, .none, revocationDeadline: nil, now: .at(1))
        generations.append(try await store.put(grant(alice)).generation)
        _ = try await store.delete(alice, .none, revocationDeadline: nil, now: .at(1))
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        generations.append(try await again.put(grant(alice)).generation)
        generations.append(try await again.put(grant(try key("slack", "bob"))).generation)
        #expect(generations == generations.sorted())
        #expect(Set(generations).count == 4)
        try await again.close()
    }

    @Test("a delete forgets the record; a precondition that does not hold keeps it")
    func deletes() async throws {
        guard case .notFound = try await store.delete(alice, .none, revocationDeadline: nil, now: .at(1)) else {
            throw Missing()
        }
        let record = try await store.put(grant(alice))
        guard
            case .mismatch(record) = try await store.delete(
                alice, .generation(record.generation + 1), revocationDeadline: .at(9), now: .at(1))
        else { throw Missing() }
        #expect(try await store.record(alice) == record)
        #expect(try await store.nextRevocation() == nil)
        guard
            case .deleted(record) = try await store.delete(
                alice, .generation(record.generation), revocationDeadline: nil, now: .at(1))
        else { throw Missing() }
        #expect(try await store.record(alice) == nil)
        #expect(try await store.nextRevocation() == nil)
        try await store.close()
    }
}
