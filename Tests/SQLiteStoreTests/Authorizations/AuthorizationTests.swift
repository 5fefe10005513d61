import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct AuthorizationTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let alice: ToolAuthKey

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        alice = try key("gmail", "alice")
    }

    private func begin(
        _ id: String, _ key: ToolAuthKey? = nil, createdAt: Timestamp = .at(0), perRecord: Int = 5, inAll: Int = 100
    ) async throws -> Bool {
        try await store.begin(
            pendingAuthorization(id, key ?? alice, state: "state of \(id)", createdAt: createdAt),
            perRecord: perRecord, inAll: inAll)
    }

    private func consume(_ id: String, now: Timestamp = .at(1)) async throws -> Consumption {
        try await store.consume(state: Secret("state of \(id)"), now: now)
    }

    private func status(_ id: String, now: Timestamp = .at(1)) async throws -> AuthorizationStatus? {
        try await store.authorization(id, now: now)?.status
    }

    @Test(
        "a flow comes back whole, but for the URL that held the state, also after a restart", arguments: [false, true])
    func whole(restarted: Bool) async throws {
        #expect(try await begin("f1"))
        var store = store
        if restarted {
            try await store.close()
            store = try await SQLiteTokenStore.open(in: directory)
        }
        guard case .pending(let flow) = try await store.consume(state: Secret("state of f1"), now: .at(1)) else {
            throw Missing()
        }
        let begun = pendingAuthorization("f1", alice, state: "state of f1")
        #expect(flow.id == begun.id)
        #expect(flow.key == begun.key)
        #expect(flow.state == begun.state)
        #expect(flow.codeVerifier == begun.codeVerifier)
        #expect(flow.nonce == begun.nonce)
        #expect(flow.authURL.isEmpty)
        #expect(flow.redirectURI == begun.redirectURI)
        #expect(flow.frontendRedirect == begun.frontendRedirect)
        #expect(flow.scope == begun.scope)
        #expect(flow.issuer == begun.issuer)
        #expect(flow.requiresIssuer)
        #expect(flow.clientID == begun.clientID)
        #expect(flow.connection == begun.connection)
        #expect(flow.createdAt == begun.createdAt)
        #expect(flow.expiresAt == begun.expiresAt)
        try await store.close()
    }

    @Test("a flow without verifier, nonce, issuer and redirect comes back without them")
    func bare() async throws {
        let bare = PendingAuthorization(
            id: "f1", key: alice, state: Secret("s"), codeVerifier: nil, nonce: nil, authURL: "", redirectURI: "r",
            frontendRedirect: nil, scope: "", issuer: nil, requiresIssuer: false, clientID: "c", connection: [:],
            createdAt: .at(0), expiresAt: .at(600))
        _ = try await store.begin(bare, perRecord: 5, inAll: 100)
        guard case .pending(let flow) = try await store.consume(state: Secret("s"), now: .at(1)) else {
            throw Missing()
        }
        #expect(flow.codeVerifier == nil && flow.nonce == nil && flow.issuer == nil && flow.frontendRedirect == nil)
        #expect(!flow.requiresIssuer && flow.connection.isEmpty)
        try await store.close()
    }

    // MARK: Consuming

    @Test("a state is good once; an unknown, a used and an expired one are told apart")
    func kinds() async throws {
        _ = try await begin("f1")
        _ = try await begin("f2")
        guard case .unknown = try await consume("f9") else { throw Missing() }
        guard case .pending = try await consume("f1", now: .at(599)) else { throw Missing() }
        guard case .used = try await consume("f1") else { throw Missing() }
        guard case .used = try await consume("f1", now: .at(9999)) else { throw Missing() }
        guard case .expired = try await consume("f2", now: .at(600)) else { throw Missing() }
        try await store.close()
    }

    @Test("a used state stays used after its flow ended, and after a crash")
    func usedForGood() async throws {
        _ = try await begin("f1")
        _ = try await consume("f1")
        let crashed = try TemporaryDirectory()
        try copyCrashed(store, to: crashed)
        let recovered = try await SQLiteTokenStore.open(in: crashed)
        guard case .used = try await recovered.consume(state: Secret("state of f1"), now: .at(2)) else {
            throw Missing()
        }
        try await recovered.close()
        try await store.finish(authorization: "f1", .connected, error: nil, keepUntil: .at(700))
        guard case .used = try await consume("f1") else { throw Missing() }
        try await store.close()
    }

    @Test("of many who present one state at once, exactly one gets the flow")
    func race() async throws {
        _ = try await begin("f1")
        let winners = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    if case .pending? = try? await consume("f1") { 1 } else { 0 }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(winners == 1)
        try await store.close()
    }

    @Test("the sealed verifier and nonce are gone once the state is used")
    func verifierGone() async throws {
        _ = try await begin("f1")
        #expect(
            try store.strings("SELECT id FROM authorizations WHERE code_verifier NOTNULL AND nonce NOTNULL") == ["f1"])
        _ = try await consume("f1")
        #expect(try store.strings("SELECT id FROM authorizations WHERE code_verifier NOTNULL OR nonce NOTNULL").isEmpty)
        try await store.close()
    }

    @Test(
        "a flow whose verifier or nonce does not open fails, and its state is used up",
        arguments: ["code_verifier", "nonce"])
    func undecryptable(column: String) async throws {
        _ = try await begin("f1")
        try store.sql("UPDATE authorizations SET \(column) = x'00'")
        guard case .unknown = try await consume("f1") else { throw Missing() }
        guard case .used = try await consume("f1") else { throw Missing() }
        #expect(try await status("f1") == .failed)
        try await store.close()
    }

    // MARK: Status

    @Test("a flow is pending, then what it ended as, until it need not be kept")
    func statuses() async throws {
        _ = try await begin("f1")
        #expect(try await status("f1") == .pending)
        _ = try await consume("f1")
        #expect(try await status("f1") == .pending)
        try await store.finish(authorization: "f1", .denied, error: "The user said no.", keepUntil: .at(700))
        let summary = try required(try await store.authorization("f1", now: .at(699)))
        #expect(summary.status == .denied)
        #expect(summary.error == "The user said no.")
        #expect(summary.key == alice)
        #expect(summary.expiresAt == .at(600))
        #expect(try await status("f1", now: .at(700)) == nil)
        #expect(try await status("f2") == nil)
        try await store.close()
    }

    @Test("a flow nobody came back to is expired; one whose exchange was cut off is failed, a little later")
    func endings() async throws {
        _ = try await begin("f1")
        _ = try await begin("f2")
        _ = try await consume("f2", now: .at(599))
        #expect(try await status("f1", now: .at(599)) == .pending)
        #expect(try await status("f1", now: .at(600)) == .expired)
        #expect(try await status("f2", now: .at(719)) == .pending)
        #expect(try await status("f2", now: .at(720)) == .failed)
        try await store.close()
    }

    @Test("a cancelled flow is gone: its state is unknown, and it cannot be cancelled again")
    func cancel() async throws {
        _ = try await begin("f1")
        #expect(try await store.cancel(authorization: "f1"))
        #expect(try await !store.cancel(authorization: "f1"))
        #expect(try await status("f1") == nil)
        guard case .unknown = try await consume("f1") else { throw Missing() }
        try await store.close()
    }

    @Test("finishing a flow that is gone does nothing")
    func finishGone() async throws {
        try await store.finish(authorization: "f1", .connected, error: nil, keepUntil: .at(700))
        #expect(try await status("f1") == nil)
        try await store.close()
    }

    @Test("purging drops ended flows past keeping and expired ones past theirs, and no other")
    func purge() async throws {
        for id in ["pending", "expired", "ended", "kept"] { _ = try await begin(id) }
        try store.sql("UPDATE authorizations SET expires_at = ? WHERE id = 'pending'", [Timestamp.at(2000).stored])
        try await store.finish(authorization: "ended", .failed, error: nil, keepUntil: .at(1000))
        try await store.finish(authorization: "kept", .failed, error: nil, keepUntil: .at(1001))
        try await store.purgeAuthorizations(now: .at(699), keepExpiredFor: .seconds(100))
        #expect(
            try store.strings("SELECT id FROM authorizations ORDER BY id") == ["ended", "expired", "kept", "pending"])
        try await store.purgeAuthorizations(now: .at(1000), keepExpiredFor: .seconds(100))
        #expect(try store.strings("SELECT id FROM authorizations ORDER BY id") == ["kept", "pending"])
        try await store.close()
    }

    // MARK: Limits

    @Test("more pending flows of one record than allowed drop its oldest, and no other's")
    func perRecord() async throws {
        let bob = try key("gmail", "bob")
        #expect(try await begin("b1", bob, perRecord: 2))
        for (index, id) in ["f1", "f2", "f3", "f4"].enumerated() {
            #expect(try await begin(id, createdAt: .at(Int64(index)), perRecord: 2))
        }
        #expect(try await status("f1") == nil)
        #expect(try await status("f2") == nil)
        #expect(try await status("f3") == .pending)
        #expect(try await status("f4") == .pending)
        #expect(try await status("b1") == .pending)
        try await store.close()
    }

    @Test("a flow that was used does not count towards its record's limit, and is not dropped")
    func usedDoesNotCount() async throws {
        _ = try await begin("f1", perRecord: 1)
        _ = try await consume("f1")
        _ = try await begin("f2", perRecord: 1)
        #expect(try await status("f1") == .pending)
        #expect(try await status("f2") == .pending)
        try await store.close()
    }

    @Test("with as many flows as there may be, another is refused and drops nothing")
    func inAll() async throws {
        for id in ["f1", "f2", "f3"] { #expect(try await begin(id, inAll: 3)) }
        #expect(try await !begin("b1", try key("gmail", "bob"), inAll: 3))
        #expect(try await status("b1") == nil)
        for id in ["f1", "f2", "f3"] { #expect(try await status(id) == .pending) }
        try await store.close()
    }

    @Test("a flow that replaces its record's oldest fits where another would not")
    func replacingFits() async throws {
        for id in ["f1", "f2"] { #expect(try await begin(id, perRecord: 2, inAll: 2)) }
        #expect(try await begin("f3", perRecord: 2, inAll: 2))
        #expect(try await status("f1") == nil)
        try await store.close()
    }

    @Test("flows that expired or were used make room")
    func makesRoom() async throws {
        #expect(try await begin("f1", inAll: 1))
        #expect(try await !begin("f2", createdAt: .at(599), inAll: 1))
        #expect(try await begin("f2", createdAt: .at(600), inAll: 1))
        _ = try await consume("f2", now: .at(599))
        #expect(try await begin("f3", createdAt: .at(600), inAll: 1))
        try await store.close()
    }
}
