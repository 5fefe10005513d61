package import ToolAuthCore

/// Endpoints that fail for every grant. One line tells of the endpoint; that each grant tried meanwhile fails too is no
/// news, and neither is that it can be refreshed again afterwards.
package struct Outages: Sendable {
    /// An outage that is over.
    package struct Ended: Sendable, Equatable {
        package let duration: Duration
        /// How many grants failed, and were not told of one by one.
        package let failed: Int

        package init(duration: Duration, failed: Int) {
            self.duration = duration
            self.failed = failed
        }
    }

    private struct Outage {
        let since: Timestamp
        var failed = 0
    }

    /// Grants beyond are told of like others.
    private let capacity: Int
    private var outages: [EndpointID: Outage] = [:]
    /// Grants that failed, which was not told.
    private var untold: Set<ToolAuthKey> = []

    package init(capacity: Int = 32_768) {
        self.capacity = capacity
    }

    /// Takes note of an outage's begin or end.
    ///
    /// - Returns: the event as it is to be told: the end of an outage with what came of it.
    package mutating func note(_ event: DaemonEvent, at now: Timestamp) -> DaemonEvent {
        switch event {
        case .endpointFailing(let endpoint, _, _):
            if outages[endpoint] == nil { outages[endpoint] = Outage(since: now) }
            return event
        case .endpointRecovered(let endpoint, let tools, _):
            let ended = outages.removeValue(forKey: endpoint).map {
                Ended(duration: max(.zero, now - $0.since), failed: $0.failed)
            }
            return .endpointRecovered(endpoint, of: tools, after: ended)
        default:
            return event
        }
    }

    /// Whether an event is part of an outage that is told of already.
    package mutating func covers(_ event: ToolAuthEvent) -> Bool {
        guard let key = event.record?.key else { return false }
        switch event.kind {
        case .degraded:
            guard let endpoint = event.endpoint, outages[endpoint] != nil, untold.count < capacity else {
                untold.remove(key)
                return false
            }
            outages[endpoint]?.failed += 1
            untold.insert(key)
            return true
        case .recovered:
            return untold.remove(key) != nil
        case .connected, .deleted, .reauthorizationRequired:
            untold.remove(key)
            return false
        case .refreshed, .reauthorizationDue, .revocationFailed, .toolPaused, .toolResumed, .configurationReloaded:
            return false
        }
    }

    /// Whether a grant failed once more, of whose failing nobody heard, now that the endpoint answers the others.
    package mutating func owes(_ key: ToolAuthKey, _ outcome: RefreshOutcome, at endpoint: EndpointID?) -> Bool {
        guard outcome.failure != nil, untold.contains(key), endpoint.map({ outages[$0] == nil }) ?? true else {
            return false
        }
        untold.remove(key)
        return true
    }
}
