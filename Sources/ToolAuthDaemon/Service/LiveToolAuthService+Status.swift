import Providers
import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func status(in scope: AccessScope) async throws(ToolAuthError) -> ServiceStatus {
        let now = clock.now
        let seen = tools.all.filter { scope.covers($0.id) }
        let (counts, nextDueAt) = try await standing(of: seen, in: scope, now: now)
        let seenEndpoints = Set(seen.compactMap { $0.client?.endpoint })
        let standing = await engine.standing(of: tools.endpoints)
        let endpoints = tools.endpoints.filter(seenEndpoints.contains).map { endpoint in
            let found = standing.endpoints[endpoint]
            return ServiceStatus.Endpoint(
                endpoint: endpoint, isOpen: found?.closedUntil == nil, heldUntil: found?.closedUntil,
                isBroken: found?.isBroken ?? false, inFlight: found?.inFlight ?? 0, queued: found?.queued ?? 0)
        }
        var status = ServiceStatus(
            version: facts.version, startedAt: facts.startedAt, uptime: now - facts.startedAt,
            tools: seen.map { tool in
                ServiceStatus.Tool(
                    toolID: tool.id, status: tool.status, reason: tool.obstacle?.detail,
                    counts: counts[tool.id] ?? StatusCounts())
            },
            nextDueAt: nextDueAt, lag: nextDueAt.map { max(now - $0, .zero) } ?? .zero, endpoints: endpoints,
            // They name tools.
            held: standing.hold?.sentence, warnings: scope.coversAllTools ? await warnings : [])
        status.heldResults = standing.heldResults
        status.storeProblem = standing.storeProblem?.detail
        return status
    }

    private var warnings: [String] {
        get async {
            configuration.problems.map(\.description) + facts.warnings
                + [facts.secrets.usage.warning, await rotation.status.sentence].compactMap(\.self)
        }
    }

    /// How many grants in `scope` each tool has in each status, and when the first of them is due. Of paused tools nothing
    /// is due.
    private func standing(
        of seen: [Tool], in scope: AccessScope, now: Timestamp
    ) async throws(ToolAuthError) -> ([ToolID: StatusCounts], nextDueAt: Timestamp?) {
        let going = Dictionary(uniqueKeysWithValues: seen.filter { $0.obstacle == nil }.map { ($0.id, 0) })
        if scope.coversAllUsers {
            let counts = try await stored { () async throws(StoreError) in try await store.counts() }
            let due = try await stored { () async throws(StoreError) in try await store.scan(going, now: now) }
            return (counts, due.values.compactMap(\.nextDueAt).min())
        }
        // The store's counts are of all users.
        var counts: [ToolID: StatusCounts] = [:]
        var nextDueAt: Timestamp?
        try await ScopedRecords(scope: scope).forEach(storedPage) { record in
            counts[record.toolID, default: StatusCounts()].count(record.status)
            guard going[record.toolID] != nil, let dueAt = record.dueAt else { return }
            nextDueAt = nextDueAt.map { min($0, dueAt) } ?? dueAt
        }
        return (counts, nextDueAt)
    }

    func health() async -> ServiceHealth {
        do throws(StoreError) {
            try await store.probe()
        } catch {
            return .failed(error.detail)
        }
        let standing = await engine.standing(of: [])
        if let problem = standing.storeProblem { return .degraded(problem.detail) }
        if standing.heldResults > 0 {
            return .degraded("\(standing.heldResults) refreshed tokens could not be stored yet.")
        }
        return standing.hold.map { .degraded($0.sentence) } ?? .ok
    }
}

extension StatusCounts {
    fileprivate mutating func count(_ status: ToolAuthStatus) {
        switch status {
        case .healthy: healthy += 1
        case .degraded: degraded += 1
        case .needsReauthorization: needsReauthorization += 1
        }
    }
}
