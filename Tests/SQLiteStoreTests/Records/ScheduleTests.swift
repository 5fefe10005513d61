import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct ScheduleTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let gmail: ToolID
    private let slack: ToolID

    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        gmail = try required(ToolID("gmail"))
        slack = try required(ToolID("slack"))
    }

    private func put(_ tool: String, _ user: String, dueAt: Timestamp?, expiresAt: Timestamp? = .at(3600)) async throws
    {
        var toolAuth = grant(try key(tool, user), refreshAt: dueAt)
        toolAuth.record.expiresAt = expiresAt
        _ = try await store.put(toolAuth)
    }

    private func due(now: Timestamp = .at(1000), limit: Int = 100) async throws -> [String] {
        try await store.scan([gmail: limit], now: now)[gmail]?.due.map(\.key.userID.rawValue) ?? []
    }

    private func nextDue(_ tool: ToolID, limit: Int = 0, now: Timestamp = .at(0)) async throws -> Timestamp? {
        try await store.scan([tool: limit], now: now)[tool]?.nextDueAt
    }

    @Test("what is due comes earliest first, then by expiry, up to the limit, and not what is due later")
    func order() async throws {
        try await put("gmail", "later", dueAt: .at(1001))
        try await put("gmail", "second", dueAt: .at(20), expiresAt: .at(90))
        try await put("gmail", "third", dueAt: .at(20), expiresAt: .at(91))
        try await put("gmail", "first", dueAt: .at(10))
        try await put("gmail", "now", dueAt: .at(1000))
        try await put("gmail", "never", dueAt: nil)
        try await put("slack", "other", dueAt: .at(1))
        #expect(try await due() == ["first", "second", "third", "now"])
        #expect(try await due(limit: 2) == ["first", "second"])
        #expect(try await due(limit: 0).isEmpty)
        let scan = try required(try await store.scan([gmail: 1], now: .at(1000))[gmail])
        #expect(scan.due == [DueRecord(key: try key("gmail", "first"), dueAt: .at(10), expiresAt: .at(3600))])
        try await store.close()
    }

    @Test("what comes next is told beyond the limit, and beyond what is due")
    func next() async throws {
        for (user, at) in [("a", 10), ("b", 20), ("c", 2000)] { try await put("gmail", user, dueAt: .at(Int64(at))) }
        #expect(try await nextDue(gmail, limit: 1, now: .at(1000)) == .at(20))
        #expect(try await nextDue(gmail, limit: 2, now: .at(1000)) == .at(2000))
        #expect(try await nextDue(gmail, limit: 9, now: .at(1000)) == .at(2000))
        #expect(try await nextDue(gmail, limit: 9, now: .at(2000)) == nil)
        #expect(try await nextDue(slack) == nil)
        try await store.close()
    }

    @Test("how few are scheduled is told, up to as many as matter", arguments: 0...5)
    func scheduled(count: Int) async throws {
        for index in 0..<count { try await put("gmail", "user-\(index)", dueAt: .at(Int64(index) * 1000)) }
        try await put("gmail", "unscheduled", dueAt: nil)
        for limit in [0, 1, 10] {
            let scan = try required(try await store.scan([gmail: limit], now: .at(1))[gmail])
            #expect(scan.scheduled == min(count, DueScan.countLimit))
        }
        try await store.close()
    }

    @Test("several tools are read at once, each with its own limit")
    func tools() async throws {
        try await put("gmail", "alice", dueAt: .at(1))
        try await put("slack", "alice", dueAt: .at(1))
        try await put("slack", "bob", dueAt: .at(2))
        let scans = try await store.scan([gmail: 5, slack: 1], now: .at(10))
        #expect(scans[gmail]?.due.count == 1)
        #expect(scans[slack]?.due.count == 1)
        #expect(try await store.scan([:], now: .at(10)).isEmpty)
        #expect(try await store.dueCount(of: [gmail, slack], now: .at(1)) == 2)
        #expect(try await store.dueCount(of: [gmail, slack], now: .at(2)) == 3)
        #expect(try await store.dueCount(of: [], now: .at(2)) == 0)
        try await store.close()
    }

    @Test("the first end of a tool's tokens is that of a grant which is refreshed")
    func expiries() async throws {
        try await put("gmail", "alice", dueAt: .at(1), expiresAt: .at(500))
        try await put("gmail", "bob", dueAt: .at(2), expiresAt: .at(400))
        try await put("gmail", "unscheduled", dueAt: nil, expiresAt: .at(10))
        try await put("slack", "alice", dueAt: .at(1), expiresAt: nil)
        #expect(try await store.nextExpiries(of: [gmail, slack]) == [gmail: .at(400)])
        try await store.close()
    }

    @Test("next_attempt_at overrides all other due times; a dead grant is never due")
    func dueAt() async throws {
        var toolAuth = grant(try key("gmail", "alice"), refreshAt: .at(10))
        toolAuth.record.keepaliveAt = .at(5)
        _ = try await store.put(toolAuth)
        #expect(try await nextDue(gmail) == .at(5))
        toolAuth.record.announceAt = .at(3)
        _ = try await store.put(toolAuth)
        #expect(try await nextDue(gmail) == .at(3))
        toolAuth.record.nextAttemptAt = .at(50)
        _ = try await store.put(toolAuth)
        #expect(try await nextDue(gmail) == .at(50))
        toolAuth.record.status = .needsReauthorization(.grantRejected)
        _ = try await store.put(toolAuth)
        #expect(try await nextDue(gmail) == nil)
        try await store.close()
    }

    @Test("an attempt under way is not due; its end puts it back")
    func claimed() async throws {
        try await put("gmail", "alice", dueAt: .at(10))
        let key = try key("gmail", "alice")
        var claimed = try required(try await store.claim(key, Attempt(id: "a", startedAt: .at(11))))
        #expect(try await due().isEmpty)
        claimed.record.nextAttemptAt = .at(40)
        _ = try await store.commit(
            claimed, ending: "a", ifGeneration: claimed.record.generation, tokensChanged: false)
        #expect(try await nextDue(gmail) == .at(40))
        try await store.close()
    }

    @Test("open attempts are told in order, until they end")
    func openAttempts() async throws {
        for (tool, user) in [("slack", "alice"), ("gmail", "bob"), ("gmail", "alice"), ("slack", "bob")] {
            try await put(tool, user, dueAt: .at(1))
        }
        let keys = [try key("slack", "alice"), try key("gmail", "bob"), try key("gmail", "alice")]
        for key in keys { _ = try await store.claim(key, Attempt(id: "a", startedAt: .at(1))) }
        #expect(try await store.openAttempts() == keys.sorted())
        _ = try await store.delete(keys[1], .none, revocationDeadline: nil, now: .at(1))
        #expect(try await store.openAttempts() == [keys[2], keys[0]])
        try await store.close()
    }

    // MARK: Plans

    @Test(
        "the scan, the timer and crash recovery are answered by an index alone, without sorting",
        arguments: [
            (SQLiteTokenStore.scanStatement, 2, "tool_auths_due"),
            (SQLiteTokenStore.dueCountStatement, 2, "tool_auths_due"),
            (SQLiteTokenStore.nextExpiryStatement, 1, "tool_auths_due"),
            (SQLiteTokenStore.openAttemptsStatement, 0, "tool_auths_attempt"),
        ])
    func plans(sql: String, arguments: Int, index: String) async throws {
        let plan = try store.plan(sql, (0..<arguments).map { _ in 1 })
        #expect(plan.count == 1)
        #expect(plan[0].contains("USING COVERING INDEX \(index)"), "\(plan)")
        #expect(index == "tool_auths_attempt" || plan[0].hasPrefix("SEARCH"), "\(plan)")
        try await store.close()
    }

    @Test("every list walks an index from where the last page ended, without sorting")
    func listPlans() async throws {
        let alice = try required(UserID("alice"))
        let after = try key("gmail", "bob")
        for toolID in [nil, gmail] {
            for userID in [nil, alice] {
                for status in [nil, "healthy"] {
                    let query = RecordQuery(toolID: toolID, userID: userID, status: status, after: after)
                    let selection = RecordSelection(query)
                    let plan = try store.plan(selection.sql, selection.arguments)
                    #expect(plan.count == 1, "\(selection.sql): \(plan)")
                    #expect(plan.first?.hasPrefix("SEARCH tool_auths USING INDEX") == true, "\(selection.sql): \(plan)")
                }
            }
        }
        let whole = RecordSelection(RecordQuery())
        #expect(try store.plan(whole.sql, whole.arguments).allSatisfy { !$0.contains("TEMP B-TREE") })
        try await store.close()
    }
}
