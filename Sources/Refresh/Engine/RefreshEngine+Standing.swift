package import ToolAuthCore

/// How the engine stands, for status, metrics and health.
package struct EngineStanding: Sendable, Equatable {
    package struct Endpoint: Sendable, Equatable {
        /// Until when nothing is let through: a Retry-After, or the circuit breaker's next probe; nil: it is.
        package let closedUntil: Timestamp?
        package let isBroken: Bool
        package let inFlight: Int
        package let queued: Int
    }

    /// Only endpoints that are known to do anything.
    package let endpoints: [EndpointID: Endpoint]
    package let hold: StoreHold?
    package let storeProblem: StoreError?
    package let heldResults: Int
    package let inFlight: Int
}

extension RefreshEngine {
    /// Answers once the engine gets to it: for the watchdog.
    package func probe() {}

    /// - Parameter endpoints: those to look at.
    package func standing(of endpoints: [EndpointID]) -> EngineStanding {
        let now = clock.now
        let governor = machine.governor
        var found: [EndpointID: EngineStanding.Endpoint] = [:]
        for endpoint in endpoints {
            found[endpoint] = EngineStanding.Endpoint(
                closedUntil: governor.closedUntil(endpoint, now: now), isBroken: governor.isBroken(endpoint),
                inFlight: governor.active(at: endpoint), queued: governor.queued(at: endpoint))
        }
        return EngineStanding(
            endpoints: found, hold: machine.storeHold, storeProblem: machine.storeProblem,
            heldResults: machine.heldResults, inFlight: found.values.reduce(0) { $0 + $1.inFlight })
    }

    /// The grants with an attempt under way, or with tokens that are not stored yet.
    package var unfinished: [ToolAuthKey] { machine.unfinished }
}
