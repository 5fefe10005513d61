import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct RevisingTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let gmail: ToolID

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        gmail = try required(ToolID("gmail"))
        for user in ["a", "b", "c", "d", "e"] { _ = try await store.put(grant(try key("gmail", user))) }
        _ = try await store.put(grant(try key("slack", "a")))
    }

    @Test("a tool's grants are gone through page by page, in the order of their users, and no other's")
    func pages() async throws {
        var after: UserID?
        var pages: [Int] = []
        repeat {
            let page = try await store.revise(gmail, after: after, limit: 2) {
                $0.refreshAt = .at(7)
                return true
            }
            pages.append(page.changed)
            after = page.last
            if page.changed > 0 { #expect(page.nextDueAt == .at(7)) }
        } while after != nil
        #expect(pages == [2, 2, 1])
        #expect(try await store.scan([gmail: 9], now: .at(7))[gmail]?.due.count == 5)
        #expect(try await store.record(key("slack", "a"))?.refreshAt == .at(100))
        try await store.close()
    }

    @Test("only what was changed is written")
    func unchanged() async throws {
        let page = try await store.revise(gmail, after: nil, limit: 9) { record in
            record.updatedAt = .at(999)
            return record.userID.rawValue == "c"
        }
        #expect(page == RevisedPage(last: nil, changed: 1, nextDueAt: .at(100)))
        #expect(try await store.record(key("gmail", "c"))?.updatedAt == .at(999))
        #expect(try await store.record(key("gmail", "d"))?.updatedAt == .at(0))
        try await store.close()
    }

    @Test(
        "a grant with an attempt under way is passed over; tokens, generation and attempt stay whatever the change says"
    )
    func untouched() async throws {
        let busy = try key("gmail", "b")
        _ = try await store.claim(busy, Attempt(id: "a1", startedAt: .at(1)))
        let former = try required(try await store.record(key("gmail", "a")))
        let page = try await store.revise(gmail, after: nil, limit: 9) { record in
            record.generation = 77
            record.attempt = Attempt(id: "forged", startedAt: .at(1))
            record.refreshAt = .at(8)
            return true
        }
        #expect(page.changed == 4)
        #expect(try await store.record(busy)?.refreshAt == .at(100))
        let revised = try required(try await store.load(key("gmail", "a")))
        #expect(revised.record.generation == former.generation)
        #expect(revised.record.attempt == nil)
        #expect(revised.refreshToken == Secret("refresh"))
        try await store.close()
    }

    @Test("one grant alone is revised, passed over while an attempt is under way, or not there")
    func one() async throws {
        let alice = try key("gmail", "a")
        let change: @Sendable (inout ToolAuthRecord) -> Bool = {
            $0.lastUsedAt = .at(5)
            return true
        }
        #expect(try await store.revise(alice, change)?.lastUsedAt == .at(5))
        #expect(try await store.record(alice)?.lastUsedAt == .at(5))
        _ = try await store.claim(try key("gmail", "b"), Attempt(id: "a1", startedAt: .at(1)))
        #expect(try await store.revise(key("gmail", "b"), change)?.lastUsedAt == nil)
        #expect(try await store.revise(key("gmail", "nobody"), change) == nil)
        try await store.close()
    }
}
