import FoundationEssentials
import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

/// Everything is sealed with the newest key, page by page, while the store is in use.
@Suite struct ResealingTests {
    private static let keys = [
        "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "k2:HxAeHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE=",
    ]
    private let directory: TemporaryDirectory

    init() async throws {
        directory = try TemporaryDirectory()
        try write(Self.keys[0], to: "\(directory.path)/master.key")
    }

    private func user(_ number: Int) throws -> ToolAuthKey { try key("gmail", "user-\(number)") }

    /// A store with so many grants, a flow and a revocation under the first key, and another key that is the newest.
    private func store(_ count: Int) async throws -> SQLiteTokenStore {
        let old = try await SQLiteTokenStore.open(in: directory)
        for number in 0..<count {
            // Some have no refresh token: a NULL is sealed by no key.
            _ = try await old.put(
                grant(user(number), access: "access \(number)", refresh: number % 3 == 0 ? nil : "refresh \(number)"))
        }
        #expect(
            try await old.begin(pendingAuthorization("flow", user(0), state: "s"), perRecord: 5, inAll: 9))
        try await old.enqueueRevocation(grant(user(0), access: nil), deadline: .at(900), now: .at(1))
        try await old.close()
        try write(Self.keys.joined(separator: "\n"), to: "\(directory.path)/master.key")
        return try await SQLiteTokenStore.open(in: directory)
    }

    private struct Sum: Equatable {
        var pages = 0
        var resealed = 0
        var unopened = 0
    }

    private func pass(_ store: SQLiteTokenStore, limit: Int, pages: Int = .max) async throws -> Sum {
        var sum = Sum()
        var position: ResealingPosition?
        repeat {
            let page = try await store.reseal(from: position, limit: limit)
            sum.pages += 1
            sum.resealed += page.resealed
            sum.unopened += page.unopened
            position = page.next
        } while position != nil && sum.pages < pages
        return sum
    }

    private func expectAll(_ store: SQLiteTokenStore, _ count: Int, except: Set<Int> = []) async throws {
        for number in 0..<count where !except.contains(number) {
            let loaded = try required(try await store.load(user(number)))
            #expect(loaded.accessToken == Secret("access \(number)"))
            #expect(loaded.refreshToken == (number % 3 == 0 ? nil : Secret("refresh \(number)")))
        }
    }

    @Test("grants, flows and revocations are sealed anew, and nothing else of them changes", arguments: [1, 4, 5, 100])
    func all(limit: Int) async throws {
        let store = try await store(5)
        let before = try store.strings("SELECT tool_id || user_id || generation || updated_at FROM tool_auths")
        #expect(try await store.beginResealing() == ResealingGoal(keyID: "k2", count: 7))
        let sum = try await pass(store, limit: limit)
        #expect((sum.resealed, sum.unopened) == (7, 0))
        #expect(try await store.endResealing(to: "k2"))
        #expect(
            try await store.masterKeys().keys.map(\.records)
                == [SealedCounts(), SealedCounts(grants: 5, revocations: 1, authorizations: 1)])
        #expect(try store.strings("SELECT tool_id || user_id || generation || updated_at FROM tool_auths") == before)
        #expect(try await store.beginResealing().count == 0)
        try await store.close()

        // The first key is needed for nothing.
        try write(Self.keys[1], to: "\(directory.path)/master.key")
        try await DatabaseQueue(path: "\(directory.path)/toolauthd.db").write {
            try $0.execute(sql: "DELETE FROM master_keys WHERE key_id = 'k1'")
        }
        let again = try await SQLiteTokenStore.open(in: directory)
        try await expectAll(again, 5)
        guard case .pending(let flow) = try await again.consume(state: Secret("s"), now: .at(1)) else {
            throw Missing()
        }
        #expect(flow.codeVerifier == Secret("verifier of flow"))
        #expect(flow.nonce == Secret("nonce of flow"))
        #expect(try await again.dueRevocations(now: .at(2), limit: 9).first?.toolAuth.refreshToken == Secret("refresh"))
        try await again.close()
    }

    @Test(
        "what a crash leaves between two pages opens, says that it is unfinished, and is gone on with",
        arguments: [1, 2, 3])
    func crash(pages: Int) async throws {
        let store = try await store(10)
        _ = try await store.beginResealing()
        let done = try await pass(store, limit: 3, pages: pages)
        #expect(done.resealed == 3 * pages)
        let crashed = try TemporaryDirectory()
        try copyCrashed(store, to: crashed)
        try await store.close()

        let again = try await SQLiteTokenStore.open(in: crashed)
        #expect(again.isResealingUnfinished)
        try await expectAll(again, 10)
        #expect(try await again.beginResealing().count == 12 - done.resealed)
        #expect(try await pass(again, limit: 3).resealed == 12 - done.resealed)
        #expect(try await again.endResealing(to: "k2"))
        try await expectAll(again, 10)
        try await again.close()
        let whole = try await SQLiteTokenStore.open(in: crashed)
        #expect(!whole.isResealingUnfinished)
        try await whole.close()
    }

    @Test("writes, claims and deletions meanwhile are kept, and nothing of before comes back")
    func concurrent() async throws {
        let count = 60
        let store = try await store(count)
        _ = try await store.beginResealing()
        async let resealing = pass(store, limit: 2)
        for number in stride(from: 0, to: count, by: 3) {
            let renewed = try required(
                try await store.claim(user(number), Attempt(id: "a\(number)", startedAt: .at(1))))
            let next = ToolAuth(
                record: renewed.record, accessToken: Secret("new \(number)"), refreshToken: renewed.refreshToken)
            let result = try await store.commit(
                next, ending: "a\(number)", ifGeneration: renewed.record.generation, tokensChanged: true)
            #expect(result.stored != nil, "sealing anew supersedes no attempt")
            _ = try await store.delete(user(number + 1), .none, revocationDeadline: nil, now: .at(1))
            #expect(try await store.load(user(number + 2))?.accessToken == Secret("access \(number + 2)"))
        }
        let sum = try await resealing
        #expect(sum.unopened == 0)
        #expect(try await store.endResealing(to: "k2"))
        for number in 0..<count {
            let expected: Secret? =
                switch number % 3 {
                case 0: Secret("new \(number)")
                case 1: nil
                default: Secret("access \(number)")
                }
            #expect(try await store.load(user(number))?.accessToken == expected)
        }
        #expect(try await store.masterKeys().keys[0].records == SealedCounts())
        try await store.close()
    }

    @Test(
        "a row that does not open stays byte for byte as it is, is counted, and harms no other",
        arguments: [
            "access_token = (SELECT access_token FROM tool_auths WHERE user_id = 'user-2')",
            "access_token = refresh_token, refresh_token = access_token",
            "refresh_token = substr(refresh_token, 1, length(refresh_token) - 1)",
            "access_token = CAST(substr(access_token, 1, 20) || x'00' || substr(access_token, 22) AS BLOB)",
            "access_token = x''", "access_token = x'00'", "access_token = x'01'", "access_token = x'01ff6b31'",
            // Downgraded, and from the future.
            "access_token = CAST(x'00' || substr(access_token, 2) AS BLOB)",
            "access_token = CAST(x'02' || substr(access_token, 2) AS BLOB)",
            // Under the name of another key, absent or present.
            "access_token = CAST(x'01026b39' || substr(access_token, 5) AS BLOB)",
            "access_token = CAST(x'01026b32' || substr(access_token, 5) AS BLOB)",
        ])
    func damaged(assignment: String) async throws {
        let store = try await store(4)
        try store.sql("UPDATE tool_auths SET \(assignment) WHERE user_id = 'user-1'")
        let blobs = "SELECT hex(access_token) || ' ' || hex(refresh_token) FROM tool_auths WHERE user_id = 'user-1'"
        let before = try store.strings(blobs)
        _ = try await store.beginResealing()
        let sum = try await pass(store, limit: 2)
        #expect((sum.resealed, sum.unopened) == (5, 1))
        #expect(try store.strings(blobs) == before)
        #expect(try await store.load(user(1))?.record.status == .needsReauthorization(.undecryptable))
        try await expectAll(store, 4, except: [1])
        // Its other token may yet be wanted: the key that it names stays.
        #expect(try await store.retireMasterKey("k1") == .inUse(SealedCounts(grants: 1)))
        try await store.close()
    }

    @Test("a row whose identity is damaged stays as it is")
    func damagedIdentity() async throws {
        let store = try await store(3)
        try store.sql("UPDATE tool_auths SET tool_id = '' WHERE user_id = 'user-1'")
        let sum = try await pass(store, limit: 10)
        #expect((sum.resealed, sum.unopened) == (4, 1))
        try await store.close()
    }

    @Test("a key that comes while records are sealed anew is the one to end with")
    func newerKey() async throws {
        let store = try await store(6)
        let goal = try await store.beginResealing()
        let first = try await store.reseal(from: nil, limit: 3)
        guard case .added(let newest) = try await store.addMasterKey() else { throw Missing() }
        var position = first.next
        while position != nil { position = try await store.reseal(from: position, limit: 3).next }
        #expect(try await !store.endResealing(to: goal.keyID))
        #expect(try await store.beginResealing() == ResealingGoal(keyID: newest, count: 3))
        #expect(try await pass(store, limit: 3).resealed == 3)
        #expect(try await store.endResealing(to: newest))
        #expect(try await store.masterKeys().keys.map(\.records.total) == [0, 0, 8])
        try await store.close()
    }

    @Test("keys that records name and that are nowhere are listed as missing; what names no key is not counted")
    func counts() async throws {
        let store = try await store(4)
        try store.sql(
            "UPDATE tool_auths SET access_token = CAST(x'01026b39' || substr(access_token, 5) AS BLOB) WHERE user_id = 'user-1'"
        )
        try store.sql("UPDATE tool_auths SET access_token = x'01', refresh_token = NULL WHERE user_id = 'user-2'")
        try store.sql("UPDATE tool_auths SET access_token = x'0102ff3a', refresh_token = NULL WHERE user_id = 'user-3'")
        let keys = try await store.masterKeys().keys
        #expect(keys.map(\.id) == ["k1", "k2", "k9"])
        #expect(keys.map(\.isPresent) == [true, true, false])
        #expect(keys.map(\.records.grants) == [2, 0, 1])
        try await store.close()
    }

    @Test("a page of a table that is not there is the last")
    func beyond() async throws {
        let store = try await store(1)
        let page = try await store.reseal(from: ResealingPosition(table: 9, row: 0), limit: 1)
        #expect(page == ResealedPage(next: nil, resealed: 0, unopened: 0))
        try await store.close()
    }
}
