import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Pages of what a rule covers")
struct ScopedRecordsTests {
    /// 30 tools with 100 users each, and a store that gives pages of them.
    private static let all: [ToolAuthRecord] = (10..<40).flatMap { tool in
        (100..<200).compactMap { user in
            guard let toolID = ToolID("tool\(tool)"), let userID = UserID("user\(user)") else { return nil }
            return ToolAuthRecord(
                key: ToolAuthKey(toolID, userID), tokenType: "Bearer", scope: "", obtainedAt: .distantPast,
                expiresAt: nil,
                hasAccessToken: true, hasRefreshToken: true, clientID: "c", tokenOrigin: "o", createdAt: .distantPast)
        }
    }

    private static func page(_ query: RecordQuery) -> RecordPage {
        let found = all.filter { record in
            query.toolID.map { $0 == record.toolID } ?? true && query.userID.map { $0 == record.userID } ?? true
                && query.after.map { $0 < record.key } ?? true
        }
        return RecordPage(records: Array(found.prefix(query.limit)), hasMore: found.count > query.limit)
    }

    private static func scope(_ tools: [String], _ users: [String]) -> AccessScope {
        AccessScope(tools: tools.map { ByteGlob($0) }, users: users.map { ByteGlob($0) })
    }

    @Test(
        "hold exactly the grants in scope, in order, whatever lies between them",
        arguments: [
            (scope(["*"], ["*"]), 3000), (scope(["tool39"], ["*"]), 100), (scope(["*"], ["user150"]), 30),
            (scope(["tool1*"], ["user15?", "user199"]), 110), (scope(["none"], ["*"]), 0), (scope([], ["*"]), 0),
        ])
    func pages(_ scope: AccessScope, _ count: Int) async throws {
        for limit in [1, 7, 100, 1000] where count < 1000 || limit > 1 {
            var query = RecordQuery(limit: limit)
            var seen: [ToolAuthKey] = []
            while true {
                let page = try await ScopedRecords(scope: scope).page(query) { query throws(ToolAuthError) in
                    Self.page(query)
                }
                #expect(page.records.count <= limit)
                seen += page.records.map(\.key)
                // A page that says there are more is full: a short one would tell that something was left out.
                guard page.hasMore, let last = page.records.last else { break }
                #expect(page.records.count == limit)
                query.after = last.key
            }
            #expect(seen.count == count)
            #expect(seen == Self.all.map(\.key).filter { scope.covers($0) })
        }
    }

    @Test("a query for one user or tool stays what it is")
    func query() async throws {
        let query = RecordQuery(toolID: ToolID("tool20"), userID: UserID("user120"))
        let page = try await ScopedRecords(scope: Self.scope(["tool*"], ["user12?"])).page(query) {
            query throws(ToolAuthError) in Self.page(query)
        }
        #expect(page.records.count == 1)
        #expect(!page.hasMore)
    }

    @Test("one user's grants are not looked for among everyone's")
    func narrow() async throws {
        var asked: [RecordQuery] = []
        try await ScopedRecords(scope: Self.scope(["tool20"], ["=user150"])).forEach { query throws(ToolAuthError) in
            asked.append(query)
            return Self.page(query)
        } _: {
            #expect($0.userID.rawValue == "user150")
        }
        #expect(asked.map(\.userID) == [UserID("user150")])
        #expect(asked.map(\.toolID) == [ToolID("tool20")])
    }
}
