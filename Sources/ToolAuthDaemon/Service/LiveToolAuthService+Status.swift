import Refresh
import ToolAuthCore

extension LiveToolAuthService {
    func status() async throws(ToolAuthError) -> ServiceStatus {
        let now = clock.now
        let counts = try await stored { () async throws(StoreError) in try await store.counts() }
        let due = try await stored { () async throws(StoreError) in try await store.nextDue(at: tools.endpoints) }
        let nextDueAt = due.values.min()
        var endpoints: [ServiceStatus.Endpoint] = []
        for endpoint in tools.endpoints {
            let standing = await engine.standing(of: endpoint)
            endpoints.append(
                ServiceStatus.Endpoint(
                    endpoint: endpoint, isOpen: standing.heldUntil == nil, heldUntil: standing.heldUntil,
                    inFlight: standing.inFlight))
        }
        return ServiceStatus(
            version: facts.version, startedAt: facts.startedAt, uptime: now - facts.startedAt,
            tools: tools.all.map { tool in
                ServiceStatus.Tool(
                    toolID: tool.id, status: tool.status, reason: tool.obstacle?.detail,
                    counts: counts[tool.id] ?? StatusCounts())
            },
            nextDueAt: nextDueAt, lag: nextDueAt.map { max(now - $0, .zero) } ?? .zero, endpoints: endpoints,
            held: nil, warnings: facts.warnings)
    }

    func health() async -> ServiceHealth {
        do throws(StoreError) {
            try await store.probe()
            return .ok
        } catch {
            return .failed(error.detail)
        }
    }
}
