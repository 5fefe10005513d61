import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

/// A row whose tokens do not open is told apart from all others, and nothing of it is lost or stored.
@Suite struct UndecryptableTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let alice: ToolAuthKey
    private let bob: ToolAuthKey

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        alice = try key("gmail", "alice")
        bob = try key("gmail", "bob")
        _ = try await store.put(grant(alice, access: "access of alice", refresh: "refresh of alice"))
        _ = try await store.put(grant(bob, access: "access of bob", refresh: "refresh of bob"))
    }

    @Test(
        "tampering with a row makes it undecryptable, and no other",
        arguments: [
            "access_token = (SELECT access_token FROM tool_auths WHERE user_id = 'bob')",
            "access_token = refresh_token, refresh_token = access_token",
            "refresh_token = access_token",
            "refresh_token = substr(refresh_token, 1, length(refresh_token) - 1)",
            "access_token = x'00'", "access_token = x''", "refresh_token = x'01ff'",
            "access_token = CAST(x'02' || substr(access_token, 2) AS BLOB)",
        ])
    func tampered(assignment: String) async throws {
        try store.sql("UPDATE tool_auths SET \(assignment) WHERE user_id = 'alice'")
        let loaded = try required(try await store.load(alice))
        #expect(loaded.accessToken == nil)
        #expect(loaded.refreshToken == nil)
        #expect(loaded.record.status == .needsReauthorization(.undecryptable))
        #expect(loaded.record.hasAccessToken)
        #expect(try await store.record(alice)?.status == .healthy)
        #expect(try await store.load(bob)?.accessToken == Secret("access of bob"))
        #expect(try await store.counts()[alice.toolID] == StatusCounts(healthy: 2))
        try await store.close()
    }

    private func damage() throws {
        try store.sql("UPDATE tool_auths SET refresh_token = x'00' WHERE user_id = 'alice'")
    }

    @Test("a claim of tokens that do not open says so, and the end of its attempt does not store it")
    func claim() async throws {
        try damage()
        let claimed = try required(try await store.claim(alice, Attempt(id: "a1", startedAt: .at(1))))
        #expect(claimed.record.status == .needsReauthorization(.undecryptable))
        let result = try await store.commit(
            claimed, ending: "a1", ifGeneration: claimed.record.generation, tokensChanged: false)
        #expect(result.stored?.record.status == .healthy)
        #expect(try await store.record(alice)?.status == .healthy)
        try await store.close()
    }

    @Test(
        "an attempt that had no tokens to send cannot end the grant",
        arguments: [ReauthorizationReason.expiredUnrefreshable, .grantRejected, .replyLost])
    func cannotEnd(reason: ReauthorizationReason) async throws {
        try damage()
        var claimed = try required(try await store.claim(alice, Attempt(id: "a1", startedAt: .at(1))))
        claimed.record.status = .needsReauthorization(reason)
        _ = try await store.commit(
            claimed, ending: "a1", ifGeneration: claimed.record.generation, tokensChanged: false)
        #expect(try await store.record(alice)?.status == .healthy)
        try await store.close()
    }

    @Test("it can be put off, so that the scan does not meet it again and again")
    func putOff() async throws {
        try damage()
        var claimed = try required(try await store.claim(alice, Attempt(id: "a1", startedAt: .at(1))))
        claimed.record.status = .degraded
        claimed.record.nextAttemptAt = .at(5000)
        _ = try await store.commit(
            claimed, ending: "a1", ifGeneration: claimed.record.generation, tokensChanged: false)
        let record = try required(try await store.record(alice))
        #expect(record.status == .degraded)
        #expect(record.dueAt == .at(5000))
        try await store.close()
    }

    @Test("deleting it forgets it, with nothing to revoke")
    func delete() async throws {
        try damage()
        let result = try await store.delete(alice, .none, revocationDeadline: .at(900), now: .at(1))
        guard case .deleted = result else {
            Issue.record("\(result)")
            return
        }
        #expect(try await store.nextRevocation() == nil)
        try await store.close()
    }
}
