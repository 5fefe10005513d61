import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct ListTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteTokenStore
    private static let users = ["alice", "Bob", "bob", "z\u{e9}", "ze\u{301}", "\u{1f511}", "a"]
    private static let tools = ["gmail", "google_drive", "slack", "a-b", "a_b"]

    /// Every user at every tool; some degraded, some dead.
    init() async throws {
        directory = try TemporaryDirectory()
        store = try await SQLiteTokenStore.open(in: directory)
        var count = 0
        for user in Self.users {
            for tool in Self.tools {
                var toolAuth = grant(try key(tool, user))
                toolAuth.record.status = [.healthy, .degraded, .needsReauthorization(.grantRejected)][count % 3]
                count += 1
                _ = try await store.put(toolAuth)
            }
        }
    }

    private var all: [ToolAuthRecord] {
        get async throws { try await store.records(RecordQuery(limit: 1000)).records }
    }

    @Test("lists go by the bytes of tool, then user")
    func order() async throws {
        let keys = try await all.map(\.key)
        #expect(keys.count == Self.users.count * Self.tools.count)
        #expect(keys == keys.sorted())
        try await store.close()
    }

    @Test(
        "pages of any size join to the whole, whatever is asked for",
        arguments: [1, 2, 3, 100], [nil, "gmail", "nothing"] as [String?])
    func pages(limit: Int, tool: String?) async throws {
        let all = try await self.all
        for user in [nil, "alice", "ze\u{301}", "nobody"] {
            for status in [nil, "healthy", "degraded", "needs_reauthorization", "odd"] {
                var query = RecordQuery(
                    toolID: tool.flatMap { ToolID($0) }, userID: user.flatMap { UserID($0) }, status: status,
                    limit: limit)
                var found: [ToolAuthRecord] = []
                while true {
                    let page = try await store.records(query)
                    #expect(page.records.count <= limit)
                    found += page.records
                    query.after = page.records.last?.key
                    if !page.hasMore { break }
                }
                let expected = all.filter { record in
                    (query.toolID == nil || record.toolID == query.toolID)
                        && (query.userID == nil || record.userID == query.userID)
                        && (status == nil || record.status.name == status)
                }
                #expect(found == expected)
            }
        }
        try await store.close()
    }

    @Test("a page may begin after a key that is not there, of any tool")
    func afterAny() async throws {
        let all = try await self.all
        for (tool, user) in [("a", "x"), ("gmail", "b"), ("gmail", "~"), ("h", "a"), ("zz", "zz")] {
            let after = try key(tool, user)
            for query in [
                RecordQuery(after: after, limit: 1000), RecordQuery(toolID: ToolID("gmail"), after: after, limit: 1000),
                RecordQuery(userID: UserID("bob"), after: after, limit: 1000),
                RecordQuery(status: "healthy", after: after, limit: 1000),
            ] {
                let expected = all.filter {
                    $0.key > after && (query.toolID == nil || $0.toolID == query.toolID)
                        && (query.userID == nil || $0.userID == query.userID)
                        && (query.status == nil || $0.status.name == query.status)
                }
                #expect(try await store.records(query).records == expected)
            }
        }
        try await store.close()
    }

    @Test("counts agree with the records through puts, commits and deletes")
    func counts() async throws {
        func expectAgreement() async throws {
            var expected: [ToolID: StatusCounts] = [:]
            for record in try await all {
                switch record.status {
                case .healthy: expected[record.toolID, default: StatusCounts()].healthy += 1
                case .degraded: expected[record.toolID, default: StatusCounts()].degraded += 1
                case .needsReauthorization: expected[record.toolID, default: StatusCounts()].needsReauthorization += 1
                }
            }
            #expect(try await store.counts() == expected)
        }
        try await expectAgreement()
        _ = try await store.put(grant(try key("gmail", "Bob")))
        try await expectAgreement()
        var toolAuth = try required(try await store.load(try key("gmail", "alice")))
        toolAuth.record.status = .degraded
        for tokensChanged in [false, true] {
            let generation = try required(try await store.record(toolAuth.key)).generation
            _ = try await store.commit(
                toolAuth, ending: nil, ifGeneration: generation, tokensChanged: tokensChanged)
            try await expectAgreement()
        }
        for record in try await all where record.toolID == ToolID("slack") {
            _ = try await store.delete(record.key, .none, revocationDeadline: nil, now: .at(1))
        }
        try await expectAgreement()
        #expect(try await store.counts()[try required(ToolID("slack"))] == nil)
        try await store.close()
    }
}
