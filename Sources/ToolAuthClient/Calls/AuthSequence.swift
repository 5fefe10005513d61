public import SocketAPI

/// The grants of ``ToolAuthClient/allAuths(toolID:userID:status:)``.
public struct AuthSequence: AsyncSequence, Sendable {
    public typealias Element = RecordBody
    public typealias Failure = ToolAuthClientError

    let pages: AuthPages

    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: pages)
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pages: AuthPages
        var page: ArraySlice<RecordBody> = []

        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(ToolAuthClientError) -> RecordBody? {
            while page.isEmpty {
                guard let answer = try await pages.next() else { return nil }
                page = answer.value.auths[...]
            }
            return page.removeFirst()
        }
    }
}

/// A list read page by page.
package struct AuthPages: Sendable {
    private let client: ToolAuthClient
    private let filter: AuthsFilter
    private let limit: Int
    private var cursor: String?
    private var isOver = false

    package init(client: ToolAuthClient, filter: AuthsFilter, limit: Int = 1000) {
        self.client = client
        self.filter = filter
        self.limit = limit
    }

    /// The next page; nil after the last.
    package mutating func next() async throws(ToolAuthClientError) -> Answer<AuthsBody>? {
        if isOver { return nil }
        let answer = try await client.answer(to: .auths(filter, limit: limit, cursor: cursor))
        let following = answer.value.nextCursor
        isOver = following == nil
        guard isOver || following != cursor else {
            throw .protocolViolation("the daemon's list does not end: a page names itself as the next")
        }
        cursor = following
        return answer
    }
}
