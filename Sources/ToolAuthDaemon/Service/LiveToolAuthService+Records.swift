import OAuth
import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func toolAuth(_ key: ToolAuthKey) async throws(ToolAuthError) -> ToolAuthRecord {
        let tool = try tools.tool(key.toolID)
        // Loaded with its tokens, so that one that does not open is seen as such.
        guard let toolAuth = try await stored({ () async throws(StoreError) in try await store.load(key) }) else {
            throw notConnected(key)
        }
        return seen(toolAuth.record, tool.client)
    }

    func toolAuths(_ query: RecordQuery, in scope: AccessScope) async throws(ToolAuthError) -> RecordPage {
        let page = try await ScopedRecords(scope: scope).page(query, storedPage)
        let records = page.records.map { record in
            seen(record, (try? tools.tool(record.toolID))?.client)
        }
        return RecordPage(records: records, hasMore: page.hasMore)
    }

    func storedPage(_ query: RecordQuery) async throws(ToolAuthError) -> RecordPage {
        try await stored { () async throws(StoreError) in try await store.records(query) }
    }

    func tools(for userID: UserID?, in scope: AccessScope) async throws(ToolAuthError) -> [ToolSummary] {
        var summaries: [ToolSummary] = []
        for tool in tools.all where scope.covers(tool.id) {
            var isAuthRequired: Bool?
            if let userID {
                let key = ToolAuthKey(tool.id, userID)
                let record = try await stored { () async throws(StoreError) in try await store.record(key) }
                isAuthRequired =
                    record.map { seen($0, tool.client).status.reason != nil }
                    ?? !(tool.client?.policy.needsNoUser ?? false)
            }
            summaries.append(summary(tool, isAuthRequired: isAuthRequired))
        }
        return summaries
    }

    func providers() async throws(ToolAuthError) -> [ProviderSummary] { configuration.providers }

    func summary(_ tool: Tool, isAuthRequired: Bool?) -> ToolSummary {
        ToolSummary(
            toolID: tool.id, title: tool.title, provider: tool.provider, status: tool.status,
            reason: tool.obstacle?.detail, isAuthRequired: isAuthRequired)
    }

    func deleteToolAuth(
        _ key: ToolAuthKey, _ precondition: Precondition, revoke: Bool
    ) async throws(ToolAuthError) {
        let tool = try tools.tool(key.toolID)
        let now = clock.now
        let mayRevoke = try await mayRevoke(key, tool)
        let deadline = revoke && mayRevoke ? now + Self.revocationPatience : nil
        let result = try await stored { () async throws(StoreError) in
            try await store.delete(key, precondition, revocationDeadline: deadline, now: now)
        }
        switch result {
        case .deleted(let record):
            emit(.deleted, record)
            if deadline != nil { await revocations.wake() }
        case .notFound:
            throw notConnected(key)
        case .mismatch(let record):
            throw generationMismatch(record)
        }
    }

    /// Where one revocation ends every grant of user and client, nothing is revoked while another is in use.
    private func mayRevoke(_ key: ToolAuthKey, _ tool: Tool) async throws(ToolAuthError) -> Bool {
        guard let client = tool.client, let scope = client.revocationScope else { return false }
        guard scope == .grant else { return true }
        for other in tools.all where other.id != key.toolID && other.client?.endpoint == client.endpoint {
            let otherKey = ToolAuthKey(other.id, key.userID)
            let record = try await stored { () async throws(StoreError) in try await store.record(otherKey) }
            if record != nil { return false }
        }
        return true
    }

    func generationMismatch(_ record: ToolAuthRecord?) -> ToolAuthError {
        guard let record else { return ToolAuthError(.generationMismatch, "There is no such record to match.") }
        return ToolAuthError(.generationMismatch, "The stored generation is \(record.generation).")
    }
}

extension Tool {
    var status: ToolSummary.Status {
        guard let obstacle else { return .available }
        return obstacle.isPaused ? .paused : .unavailable
    }
}
