import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct ScheduleTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private let gmail: ToolID
    private let slack: ToolID
    private let one = EndpointID(rawValue: "one")
    private let two = EndpointID(rawValue: "two")

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

    private func due(_ endpoint: EndpointID, now: Timestamp = .at(1000), limit: Int = 100) async throws -> [String] {
        try await store.due(at: endpoint, now: now, limit: limit).map(\.key.userID.rawValue)
    }

    @Test("what is due comes earliest first, then by expiry, up to the limit, and not what is due later")
    func order() async throws {
        try await store.assignEndpoints([gmail: one])
        try await put("gmail", "later", dueAt: .at(1001))
        try await put("gmail", "second", dueAt: .at(20), expiresAt: .at(90))
        try await put("gmail", "third", dueAt: .at(20), expiresAt: .at(91))
        try await put("gmail", "first", dueAt: .at(10))
        try await put("gmail", "now", dueAt: .at(1000))
        try await put("gmail", "never", dueAt: nil)
        #expect(try await due(one) == ["first", "second", "third", "now"])
        #expect(try await due(one, limit: 2) == ["first", "second"])
        #expect(try await due(one, limit: 0).isEmpty)
        #expect(try await due(two).isEmpty)
        let first = try required(try await store.due(at: one, now: .at(1000), limit: 1).first)
        #expect(first == DueRecord(key: try key("gmail", "first"), dueAt: .at(10), expiresAt: .at(3600)))
        try await store.close()
    }

    @Test("next_attempt_at overrides refresh_at and keepalive_at; a dead grant is never due")
    func dueAt() async throws {
        try await store.assignEndpoints([gmail: one])
        var toolAuth = grant(try key("gmail", "alice"), refreshAt: .at(10))
        toolAuth.record.keepaliveAt = .at(5)
        _ = try await store.put(toolAuth)
        #expect(try await store.nextDue(at: [one]) == [one: .at(5)])
        toolAuth.record.nextAttemptAt = .at(50)
        _ = try await store.put(toolAuth)
        #expect(try await store.nextDue(at: [one]) == [one: .at(50)])
        toolAuth.record.status = .needsReauthorization(.grantRejected)
        _ = try await store.put(toolAuth)
        #expect(try await store.nextDue(at: [one]).isEmpty)
        try await store.close()
    }

    @Test("the next due time is told for each endpoint that has one, also when it is past")
    func nextDue() async throws {
        try await store.assignEndpoints([gmail: one, slack: two])
        try await put("gmail", "alice", dueAt: .at(30))
        try await put("gmail", "bob", dueAt: .at(20))
        try await put("slack", "alice", dueAt: nil)
        #expect(try await store.nextDue(at: [one, two, EndpointID(rawValue: "x")]) == [one: .at(20)])
        #expect(try await store.nextDue(at: []).isEmpty)
        try await store.close()
    }

    @Test("an attempt under way is not due; its end puts it back")
    func claimed() async throws {
        try await store.assignEndpoints([gmail: one])
        try await put("gmail", "alice", dueAt: .at(10))
        let key = try key("gmail", "alice")
        var claimed = try required(try await store.claim(key, Attempt(id: "a", startedAt: .at(11))))
        #expect(try await due(one).isEmpty)
        claimed.record.nextAttemptAt = .at(40)
        _ = try await store.commit(
            claimed, ending: "a", ifGeneration: claimed.record.generation, tokensChanged: false)
        #expect(try await store.nextDue(at: [one]) == [one: .at(40)])
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

    // MARK: Endpoints

    @Test("records follow their tool to another endpoint, and out of the schedule and back, due times kept")
    func assignment() async throws {
        try await put("gmail", "alice", dueAt: .at(10))
        try await put("slack", "alice", dueAt: .at(20))
        #expect(try await due(one).isEmpty)
        try await store.assignEndpoints([gmail: one, slack: one])
        #expect(try await store.due(at: one, now: .at(1000), limit: 9).map(\.key.toolID) == [gmail, slack])
        try await store.assignEndpoints([gmail: two])
        #expect(try await due(one).isEmpty)
        #expect(try await due(two) == ["alice"])
        try await store.assignEndpoints([slack: one])
        #expect(try await store.nextDue(at: [one, two]) == [one: .at(20)])
        try await store.close()
    }

    @Test("a record put later counts at its tool's endpoint, also after a restart")
    func laterRecord() async throws {
        try await store.assignEndpoints([gmail: one])
        try await store.close()
        let again = try await SQLiteTokenStore.open(in: directory)
        _ = try await again.put(grant(try key("gmail", "alice"), refreshAt: .at(10)))
        _ = try await again.put(grant(try key("slack", "alice"), refreshAt: .at(10)))
        #expect(try await again.due(at: one, now: .at(10), limit: 9).map(\.key.toolID) == [gmail])
        try await again.close()
    }

    @Test("assigning what is assigned writes nothing; a change touches the records of its tool only")
    func cheap() async throws {
        let commits = Counter()
        try await store.close()
        let store = try await SQLiteTokenStore.open(in: directory) { _ in commits.increment() }
        _ = try await store.put(grant(try key("gmail", "alice")))
        _ = try await store.put(grant(try key("slack", "alice")))
        try await store.assignEndpoints([gmail: one, slack: two])
        let before = commits.value
        try await store.assignEndpoints([gmail: one, slack: two])
        #expect(commits.value == before)
        try store.sql(
            """
            CREATE TEMP TABLE touched (tool TEXT);
            CREATE TEMP TRIGGER t AFTER UPDATE ON main.tool_auths BEGIN INSERT INTO touched VALUES (new.tool_id); END
            """)
        try await store.assignEndpoints([gmail: one, slack: one])
        #expect(try store.strings("SELECT tool FROM touched") == ["slack"])
        try await store.close()
    }

    // MARK: Plans

    @Test(
        "the scan, the timer and crash recovery are answered by an index alone, without sorting",
        arguments: [
            (SQLiteTokenStore.dueStatement, 3, "tool_auths_due"),
            (SQLiteTokenStore.nextDueStatement, 1, "tool_auths_due"),
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
