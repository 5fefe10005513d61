import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct RecordTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let alice: ToolAuthKey

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        alice = try key("gmail", "alice")
    }

    /// Every optional field set, to values that differ.
    private var full: ToolAuth {
        var toolAuth = grant(alice, access: "a\u{e9}\u{1f511}", refresh: "r")
        toolAuth.record.status = .needsReauthorization(.replyLost)
        toolAuth.record.tokenType = "bEARER"
        toolAuth.record.scope = "a b jose\u{301}"
        toolAuth.record.refreshTokenExpiresAt = .at(1)
        toolAuth.record.refreshAt = .at(2)
        toolAuth.record.keepaliveAt = .at(3)
        toolAuth.record.nextAttemptAt = .at(4)
        toolAuth.record.lastRefreshedAt = .at(5)
        toolAuth.record.lastAttemptAt = .at(6)
        toolAuth.record.lastOutcome = "ambiguous"
        toolAuth.record.lastError = AttemptFailure(code: "timeout", detail: "It took too long.", providerStatus: 504)
        toolAuth.record.consecutiveFailures = 7
        toolAuth.record.unsettledSince = .at(8)
        toolAuth.record.unsettledResends = 9
        toolAuth.record.grantRejectedAt = .at(10)
        toolAuth.record.updatedAt = Timestamp(millisecondsSinceEpoch: 1_800_000_000_123)
        toolAuth.record.metadata = ["instance_url": "https://x.example/\"q\"", "na\u{ef}ve": "\u{0}\n/\\"]
        return toolAuth
    }

    @Test("every field of a record comes back as it was put")
    func roundTrip() async throws {
        let put = try await store.put(full)
        var expected = full.record
        expected.generation = put.generation
        #expect(put == expected)
        let loaded = try required(try await store.load(alice))
        #expect(loaded.record == expected)
        #expect(loaded.accessToken == full.accessToken)
        #expect(loaded.refreshToken == full.refreshToken)
        #expect(try await store.record(alice) == expected)
        #expect(try await store.records(RecordQuery()).records == [expected])
        try await store.close()
    }

    @Test("every field of a record comes back as it was committed")
    func commitRoundTrip() async throws {
        let put = try await store.put(grant(alice))
        _ = try await store.commit(full, ending: nil, ifGeneration: put.generation, tokensChanged: false)
        var expected = full.record
        expected.generation = put.generation
        #expect(try await store.record(alice) == expected)
        try await store.close()
    }

    @Test("absent fields come back absent", arguments: [(nil, "r"), ("a", nil)] as [(String?, String?)])
    func absent(access: String?, refresh: String?) async throws {
        var toolAuth = grant(alice, access: access, refresh: refresh, refreshAt: nil)
        toolAuth.record.expiresAt = nil
        let put = try await store.put(toolAuth)
        #expect(put.hasAccessToken == (access != nil))
        #expect(put.hasRefreshToken == (refresh != nil))
        #expect(put.expiresAt == nil)
        #expect(put.refreshAt == nil)
        #expect(put.lastError == nil)
        #expect(put.attempt == nil)
        let loaded = try required(try await store.load(alice))
        #expect(loaded.accessToken == access.map { Secret($0) })
        #expect(loaded.refreshToken == refresh.map { Secret($0) })
        #expect(loaded.record.status == .healthy)
        try await store.close()
    }

    @Test("the ends of the calendar are kept", arguments: [Timestamp.distantPast, .distantFuture])
    func extremes(instant: Timestamp) async throws {
        var toolAuth = grant(alice)
        toolAuth.record.expiresAt = instant
        #expect(try await store.put(toolAuth).expiresAt == instant)
        try await store.close()
    }

    @Test("users whose names are canonically equivalent are two users, and each keeps its bytes")
    func normalization() async throws {
        let composed = try key("gmail", "jos\u{e9}")
        let decomposed = try key("gmail", "jose\u{301}")
        _ = try await store.put(grant(composed, access: "one"))
        _ = try await store.put(grant(decomposed, access: "two"))
        #expect(try await store.load(composed)?.accessToken == Secret("one"))
        #expect(try await store.load(decomposed)?.accessToken == Secret("two"))
        let users = try await store.records(RecordQuery()).records.map { Array($0.userID.rawValue.utf8) }
        #expect(users == [Array("jose\u{301}".utf8), Array("jos\u{e9}".utf8)])
        #expect(try await store.records(RecordQuery(userID: composed.userID)).records.map(\.key) == [composed])
        try await store.close()
    }

    @Test("what is not there is nil")
    func missing() async throws {
        #expect(try await store.load(alice) == nil)
        #expect(try await store.record(alice) == nil)
        #expect(try await store.claim(alice, Attempt(id: "a", startedAt: .at(0))) == nil)
        #expect(try await store.records(RecordQuery()).records.isEmpty)
        try await store.close()
    }

    @Test(
        "a row that holds what no version wrote is reported as corrupt, and does not end the process",
        arguments: ["status = 'odd'", "metadata = '[1]'", "user_id = ''", "status = 'needs_reauthorization'"])
    func unreadable(assignment: String) async throws {
        _ = try await store.put(grant(alice))
        try store.sql("UPDATE tool_auths SET \(assignment)")
        let error = await #expect(throws: StoreError.self) { try await store.records(RecordQuery()) }
        #expect(error?.code == .corrupt)
        try await store.close()
    }
}
