package import ToolAuthCore

/// How much goes to each endpoint at once, and in what order.
///
/// A value: it is told what is wanted and what ended, and answers which attempts may start now. Endpoints take turns, so
/// that one with a long queue does not starve another; within an endpoint foreground work (somebody waits) goes before
/// background work, and each in the order it came.
package struct EndpointGovernor: Sendable {
    /// Attempts under way at all endpoints together.
    package static let globalLimit = 256
    /// Places of `globalLimit` that background work leaves free.
    package static let foregroundReserve = 32
    /// Background keys an endpoint's queue holds; more stay in the store until there is room.
    package static let backgroundQueueLimit = 64

    private struct Endpoint: Sendable {
        var limit: Int
        var inFlight = 0
        var heldUntil: Timestamp?
        var foreground: [ToolAuthKey] = []
        var background: [ToolAuthKey] = []

        var isIdle: Bool { inFlight == 0 && foreground.isEmpty && background.isEmpty }
    }

    private var endpoints: [EndpointID: Endpoint] = [:]
    /// Whose turn it is, first to last.
    private var turns: [EndpointID] = []
    private var inFlight = 0

    package init() {}

    // MARK: Asking

    /// How many more background keys the endpoint's queue takes.
    package func room(at endpoint: EndpointID) -> Int {
        Self.backgroundQueueLimit - (endpoints[endpoint]?.background.count ?? 0)
    }

    package func queued(at endpoint: EndpointID) -> Int {
        endpoints[endpoint].map { $0.foreground.count + $0.background.count } ?? 0
    }

    package func inFlight(at endpoint: EndpointID) -> Int {
        endpoints[endpoint]?.inFlight ?? 0
    }

    /// Until when a provider's Retry-After holds the endpoint; nil: it does not at `now`.
    package func heldUntil(at endpoint: EndpointID, now: Timestamp) -> Timestamp? {
        endpoints[endpoint]?.heldUntil.flatMap { $0 > now ? $0 : nil }
    }

    // MARK: Telling

    /// - Parameter limit: attempts the endpoint bears at once.
    package mutating func enqueue(_ key: ToolAuthKey, at endpoint: EndpointID, limit: Int, isForeground: Bool) {
        if endpoints[endpoint] == nil { turns.append(endpoint) }
        var state = endpoints[endpoint] ?? Endpoint(limit: limit)
        state.limit = max(limit, 1)
        if isForeground { state.foreground.append(key) } else { state.background.append(key) }
        endpoints[endpoint] = state
    }

    /// Somebody now waits for a key that was queued for nobody.
    package mutating func promote(_ key: ToolAuthKey, at endpoint: EndpointID) {
        guard let index = endpoints[endpoint]?.background.firstIndex(of: key) else { return }
        endpoints[endpoint]?.background.remove(at: index)
        endpoints[endpoint]?.foreground.append(key)
    }

    /// No attempt starts at the endpoint before `until`.
    package mutating func hold(_ endpoint: EndpointID, until: Timestamp) {
        if endpoints[endpoint] == nil {
            turns.append(endpoint)
            endpoints[endpoint] = Endpoint(limit: 1)
        }
        let present = endpoints[endpoint]?.heldUntil ?? until
        endpoints[endpoint]?.heldUntil = max(present, until)
    }

    /// An attempt ended; its place is free.
    package mutating func finish(at endpoint: EndpointID, now: Timestamp) {
        guard var state = endpoints[endpoint], state.inFlight > 0 else { return }
        state.inFlight -= 1
        inFlight -= 1
        if let heldUntil = state.heldUntil, heldUntil <= now { state.heldUntil = nil }
        endpoints[endpoint] = state
        dropIfIdle(endpoint)
    }

    /// Takes every queued key out, as at a stop.
    package mutating func clearQueues() -> [ToolAuthKey] {
        var keys: [ToolAuthKey] = []
        for endpoint in turns {
            keys += (endpoints[endpoint]?.foreground ?? []) + (endpoints[endpoint]?.background ?? [])
            endpoints[endpoint]?.foreground = []
            endpoints[endpoint]?.background = []
            dropIfIdle(endpoint)
        }
        return keys
    }

    /// Takes out of the queues what may start at `now`, and counts it as under way.
    package mutating func start(now: Timestamp) -> [ToolAuthKey] {
        var started: [ToolAuthKey] = []
        var progressed = true
        while progressed {
            progressed = false
            for endpoint in turns {
                guard let key = takeOne(at: endpoint, now: now) else { continue }
                started.append(key)
                progressed = true
            }
        }
        if let first = turns.first, !started.isEmpty {
            turns.removeFirst()
            turns.append(first)
        }
        return started
    }

    private mutating func takeOne(at endpoint: EndpointID, now: Timestamp) -> ToolAuthKey? {
        guard var state = endpoints[endpoint], state.inFlight < state.limit, inFlight < Self.globalLimit,
            state.heldUntil.map({ $0 <= now }) ?? true
        else { return nil }
        let key: ToolAuthKey
        if !state.foreground.isEmpty {
            key = state.foreground.removeFirst()
        } else if !state.background.isEmpty, inFlight < Self.globalLimit - Self.foregroundReserve {
            key = state.background.removeFirst()
        } else {
            return nil
        }
        state.inFlight += 1
        inFlight += 1
        endpoints[endpoint] = state
        return key
    }

    private mutating func dropIfIdle(_ endpoint: EndpointID) {
        guard let state = endpoints[endpoint], state.isIdle, state.heldUntil == nil else { return }
        endpoints[endpoint] = nil
        turns.removeAll { $0 == endpoint }
    }
}
