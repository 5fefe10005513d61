import ToolAuthCore

/// Pages of the grants that a scope covers, taken from pages of all grants. What is left out shows nowhere: neither in the
/// length of a page, nor in whether there are more, nor in where the next begins.
struct ScopedRecords {
    typealias Fetch = (RecordQuery) async throws(ToolAuthError) -> RecordPage

    /// How many are read at once where most may be left out.
    private static let stride = 1000

    let scope: AccessScope

    func page(_ query: RecordQuery, _ fetch: Fetch) async throws(ToolAuthError) -> RecordPage {
        if scope.coversAllTools, scope.coversAllUsers { return try await fetch(query) }
        var records: [ToolAuthRecord] = []
        var narrow = narrowed(query)
        narrow.limit = Self.stride
        while true {
            let page = try await fetch(narrow)
            for record in page.records where scope.covers(record.key) {
                if records.count == query.limit { return RecordPage(records: records, hasMore: true) }
                records.append(record)
            }
            guard page.hasMore, let last = page.records.last else { break }
            narrow.after = last.key
        }
        return RecordPage(records: records, hasMore: false)
    }

    /// All of them, one after the other.
    func forEach(_ fetch: Fetch, _ body: (ToolAuthRecord) -> Void) async throws(ToolAuthError) {
        var query = narrowed(RecordQuery())
        query.limit = Self.stride
        while true {
            let page = try await fetch(query)
            for record in page.records where scope.covers(record.key) { body(record) }
            guard page.hasMore, let last = page.records.last else { return }
            query.after = last.key
        }
    }

    /// Where the scope is one user or one tool, the store looks for no others.
    private func narrowed(_ query: RecordQuery) -> RecordQuery {
        var query = query
        query.userID = query.userID ?? scope.onlyUser
        query.toolID = query.toolID ?? scope.onlyTool
        return query
    }
}
