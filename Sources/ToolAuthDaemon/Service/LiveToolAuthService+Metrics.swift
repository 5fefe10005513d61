import Refresh
import Telemetry
import ToolAuthCore

extension LiveToolAuthService {
    func metrics() async throws(ToolAuthError) -> String {
        let now = clock.now
        let all = tools.all.map(\.id)
        // Of paused tools nothing is due.
        let going = tools.all.filter { $0.obstacle == nil }.map(\.id)
        let counts = try await stored { () async throws(StoreError) in try await store.counts() }
        let expiries = try await stored { () async throws(StoreError) in try await store.nextExpiries(of: all) }
        let due = try await stored { () async throws(StoreError) in try await store.dueCount(of: going, now: now) }
        let standing = await engine.standing(of: tools.endpoints)
        return numbers.text(
            ServiceGauges(
                tools: all.map { id in
                    ServiceGauges.Tool(
                        toolID: id, counts: counts[id] ?? StatusCounts(), nextExpiry: expiries[id].map { $0 - now })
                },
                due: due, inFlight: standing.inFlight, openBreakers: standing.endpoints.values.count(where: \.isBroken),
                heldResults: standing.heldResults, isStoreFailing: standing.storeProblem != nil,
                isHeld: standing.hold != nil))
    }
}
