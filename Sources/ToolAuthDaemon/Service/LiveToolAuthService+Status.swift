import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func status() async throws(ToolAuthError) -> ServiceStatus {
        let now = clock.now
        let counts = try await stored { () async throws(StoreError) in try await store.counts() }
        let all = tools.all
        // Of paused tools nothing is due.
        let going = Dictionary(uniqueKeysWithValues: all.filter { $0.obstacle == nil }.map { ($0.id, 0) })
        let due = try await stored { () async throws(StoreError) in try await store.scan(going, now: now) }
        let nextDueAt = due.values.compactMap(\.nextDueAt).min()
        let standing = await engine.standing(of: tools.endpoints)
        let endpoints = tools.endpoints.map { endpoint in
            let found = standing.endpoints[endpoint]
            return ServiceStatus.Endpoint(
                endpoint: endpoint, isOpen: found?.closedUntil == nil, heldUntil: found?.closedUntil,
                isBroken: found?.isBroken ?? false, inFlight: found?.inFlight ?? 0, queued: found?.queued ?? 0)
        }
        var status = ServiceStatus(
            version: facts.version, startedAt: facts.startedAt, uptime: now - facts.startedAt,
            tools: all.map { tool in
                ServiceStatus.Tool(
                    toolID: tool.id, status: tool.status, reason: tool.obstacle?.detail,
                    counts: counts[tool.id] ?? StatusCounts())
            },
            nextDueAt: nextDueAt, lag: nextDueAt.map { max(now - $0, .zero) } ?? .zero, endpoints: endpoints,
            held: standing.hold?.sentence, warnings: facts.warnings)
        status.heldResults = standing.heldResults
        status.storeProblem = standing.storeProblem?.detail
        return status
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
