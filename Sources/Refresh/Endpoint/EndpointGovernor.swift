package import ToolAuthCore

/// How much goes to each endpoint at once, and in what order.
///
/// A value: it is told what is wanted and what ended, and answers which attempts may start now. Endpoints take turns, so
/// that one with a long queue does not starve another; within an endpoint foreground work (somebody waits) goes first, and
/// background work by what expires first. An endpoint that is idle is forgotten.
package struct EndpointGovernor: Sendable {
    /// Attempts under way at all endpoints together.
    package static let globalLimit = 256
    /// Places of `globalLimit` that background work leaves free.
    package static let foregroundReserve = 32
    /// Background keys an endpoint's queue holds; more stay in the store until there is room.
    package static let backgroundQueueLimit = 128
    /// Background keys in all queues together.
    package static let globalQueueLimit = 4096
    /// The longest that a Retry-After is obeyed.
    package static let longestHold: Duration = .seconds(3600)

    /// An attempt that may start.
    package struct Start: Sendable, Equatable {
        package let key: ToolAuthKey
        package let ticket: Ticket
    }

    /// What an attempt holds while it is under way at its endpoint.
    package struct Ticket: Sendable, Equatable {
        package let endpoint: EndpointID
        /// See ``ConcurrencyLimit/begin()``.
        package let number: Int
        /// Whether it was let through an open breaker.
        package let isProbe: Bool
    }

    /// What the end of an attempt changed for its endpoint.
    package struct Effect: Sendable, Equatable {
        /// The breaker is open afterwards.
        package var isBroken = false
        package var opened = false
        package var closed = false
        /// Taken out of the queue: no attempt is made for them now.
        package var dropped: [ToolAuthKey] = []
    }

    private var endpoints: [EndpointID: EndpointState] = [:]
    /// Those with something queued, whose turn it is first.
    private var turns: [EndpointID] = []
    private var active = 0
    private var queuedInBackground = 0

    package init() {}

    // MARK: Asking

    /// How many more background keys the endpoint's queue takes.
    package func room(at endpoint: EndpointID) -> Int {
        let own = Self.backgroundQueueLimit - (endpoints[endpoint]?.queue.backgroundCount ?? 0)
        return max(0, min(own, Self.globalQueueLimit - queuedInBackground))
    }

    package func queued(at endpoint: EndpointID) -> Int { endpoints[endpoint]?.queue.count ?? 0 }
    package func active(at endpoint: EndpointID) -> Int { endpoints[endpoint]?.active ?? 0 }
    package func limit(at endpoint: EndpointID) -> Int? { endpoints[endpoint]?.concurrency.current }
    package func isBroken(_ endpoint: EndpointID) -> Bool { endpoints[endpoint]?.breaker.isOpen ?? false }

    /// Until when the endpoint takes nothing: a Retry-After, or an open breaker; nil: it does.
    package func closedUntil(_ endpoint: EndpointID, now: Timestamp) -> Timestamp? {
        guard let state = endpoints[endpoint] else { return nil }
        return state.hold(now: now) ?? state.breaker.retryAt
    }

    /// Until when somebody who waits is turned away; nil: his attempt is let through, as a probe if need be.
    package func refusal(at endpoint: EndpointID, now: Timestamp) -> Timestamp? {
        guard let state = endpoints[endpoint] else { return nil }
        if let until = state.hold(now: now) { return until }
        guard state.breaker.isOpen, !state.breaker.mayProbe(now: now, isForeground: true) else { return nil }
        return max(state.breaker.retryAt ?? now, now + .seconds(1))
    }

    /// How many due records may be read for the endpoint at `now`: none while it is held, one where an open breaker wants
    /// a record for its probe.
    package func intake(at endpoint: EndpointID, now: Timestamp) -> Int {
        guard let state = endpoints[endpoint] else { return room(at: endpoint) }
        if state.hold(now: now) != nil { return 0 }
        guard state.breaker.isOpen else { return room(at: endpoint) }
        let wantsRecord = !state.probesByConnection && state.breaker.mayProbe(now: now, isForeground: false)
        return wantsRecord && state.queue.isEmpty ? min(1, room(at: endpoint)) : 0
    }

    /// When the endpoint takes something again that it does not take at `now`; nil: it waits for nothing but its own
    /// attempts' ends.
    package func nextStart(at endpoint: EndpointID, now: Timestamp) -> Timestamp? {
        endpoints[endpoint]?.nextStart(now: now)
    }

    /// When queued attempts may start that wait for time alone.
    package func queuedStarts(now: Timestamp) -> [Timestamp] {
        turns.compactMap { endpoints[$0]?.nextStart(now: now) }
    }

    // MARK: Queueing

    /// - Parameters:
    ///   - expiresAt: of the access token; orders background work.
    ///   - policy: the most attempts at once, and the provider's rate.
    ///   - canConnect: whether the breaker can be probed without a token.
    package mutating func enqueue(
        _ key: ToolAuthKey, at endpoint: EndpointID, _ precedence: Precedence, expiresAt: Timestamp?,
        _ policy: RefreshPolicy, canConnect: Bool, now: Timestamp
    ) {
        // Taken out, so that its queue is changed where it is and not copied.
        var state = endpoints.removeValue(forKey: endpoint) ?? EndpointState(cap: policy.concurrency)
        state.concurrency.setCap(policy.concurrency)
        if let rate = policy.rate, rate.scope == .client {
            if state.bucket?.rate != rate { state.bucket = TokenBucket(rate, now: now) }
        } else {
            state.bucket = nil
        }
        state.canConnect = canConnect
        if state.queue.isEmpty { turns.append(endpoint) }
        state.queue.add(key, precedence, expiresAt: expiresAt)
        if precedence == .background { queuedInBackground += 1 }
        endpoints[endpoint] = state
    }

    /// Somebody now waits for a key that was queued for nobody.
    package mutating func promote(_ key: ToolAuthKey, at endpoint: EndpointID) {
        let before = endpoints[endpoint]?.queue.backgroundCount ?? 0
        endpoints[endpoint]?.queue.promote(key)
        queuedInBackground -= before - (endpoints[endpoint]?.queue.backgroundCount ?? 0)
    }

    /// Takes a key out of the queue.
    package mutating func withdraw(_ key: ToolAuthKey, at endpoint: EndpointID, now: Timestamp) {
        guard var state = endpoints[endpoint] else { return }
        queuedInBackground -= state.queue.backgroundCount
        state.queue.remove(key)
        queuedInBackground += state.queue.backgroundCount
        store(state, at: endpoint, now: now)
    }

    /// Takes every queued key out, as at a stop.
    package mutating func clearQueues(now: Timestamp) -> [ToolAuthKey] {
        turns.flatMap { clearQueue(at: $0, now: now) }
    }

    private mutating func clearQueue(at endpoint: EndpointID, now: Timestamp) -> [ToolAuthKey] {
        guard var state = endpoints[endpoint] else { return [] }
        queuedInBackground -= state.queue.backgroundCount
        let keys = state.queue.removeAll()
        store(state, at: endpoint, now: now)
        return keys
    }

    // MARK: Starting

    /// Takes out of the queues what may start at `now`, and counts it as under way.
    package mutating func start(now: Timestamp, atMost limit: Int = .max) -> [Start] {
        var started: [Start] = []
        var progressed = true
        while progressed, started.count < limit {
            progressed = false
            for endpoint in turns where started.count < limit {
                guard let start = takeOne(at: endpoint, now: now) else { continue }
                started.append(start)
                progressed = true
            }
        }
        if started.isEmpty { return [] }
        turns.removeAll { endpoints[$0]?.queue.isEmpty ?? true }
        if turns.count > 1 { turns.append(turns.removeFirst()) }
        return started
    }

    private mutating func takeOne(at endpoint: EndpointID, now: Timestamp) -> Start? {
        guard active < Self.globalLimit, let countBefore = endpoints[endpoint]?.queue.backgroundCount else {
            return nil
        }
        let isReserved = active >= Self.globalLimit - Self.foregroundReserve
        // Where it is: a copy would have a copy of the queue.
        guard let started = endpoints[endpoint]?.start(now: now, onlyForeground: isReserved) else { return nil }
        queuedInBackground -= countBefore - (endpoints[endpoint]?.queue.backgroundCount ?? 0)
        active += 1
        return Start(
            key: started.key, ticket: Ticket(endpoint: endpoint, number: started.number, isProbe: started.isProbe))
    }

    // MARK: Ending

    /// An attempt was not sent after all; its place is free.
    package mutating func release(_ ticket: Ticket, now: Timestamp) {
        guard var state = leave(ticket) else { return }
        if ticket.isProbe { state.breaker.abandonProbe() }
        store(state, at: ticket.endpoint, now: now)
    }

    /// An attempt ended; its place is free.
    ///
    /// - Parameters:
    ///   - population: how many records the endpoint has, as far as is known and up to three.
    ///   - retryAfter: how long the provider asks the whole endpoint to be left alone; nil: it does not.
    package mutating func finish(
        _ ticket: Ticket, _ key: ToolAuthKey, _ signal: EndpointSignal, population: Int, retryAfter: Duration?,
        now: Timestamp
    ) -> Effect {
        guard var state = leave(ticket) else { return Effect() }
        var effect = Effect()
        switch signal {
        case .answered:
            state.concurrency.succeeded()
            if state.breaker.answered() {
                effect.closed = true
                state.concurrency.restart()
            }
        case .unreachable, .failed:
            state.concurrency.overloaded(ticket.number)
            effect.opened = state.breaker.failed(
                key, atConnectLevel: signal == .unreachable, population: population, wasProbe: ticket.isProbe, now: now)
        case .overloaded, .silent:
            if signal == .overloaded { state.concurrency.overloaded(ticket.number) }
            // Neither opens a breaker, but a probe that ends so has not closed it either.
            if ticket.isProbe {
                _ = state.breaker.failed(key, atConnectLevel: false, population: population, wasProbe: true, now: now)
            }
        }
        if let retryAfter, retryAfter > .zero {
            let until = now + min(retryAfter, Self.longestHold)
            state.heldUntil = max(state.heldUntil ?? until, until)
        }
        effect.isBroken = state.breaker.isOpen
        endpoints[ticket.endpoint] = state
        if effect.opened || state.hold(now: now) != nil {
            // What waits is turned away, or read again when the endpoint takes it: nothing waits in memory for long.
            effect.dropped = clearQueue(at: ticket.endpoint, now: now)
        }
        store(endpoints[ticket.endpoint] ?? state, at: ticket.endpoint, now: now)
        return effect
    }

    private mutating func leave(_ ticket: Ticket) -> EndpointState? {
        guard var state = endpoints[ticket.endpoint], state.active > 0 else { return nil }
        state.active -= 1
        active -= 1
        return state
    }

    private mutating func store(_ state: EndpointState, at endpoint: EndpointID, now: Timestamp) {
        if state.queue.isEmpty { turns.removeAll { $0 == endpoint } }
        endpoints[endpoint] = state.isIdle(now: now) ? nil : state
    }

    // MARK: Probes without a token

    /// Begins a probe by connection at the endpoint if one is due.
    package mutating func beginConnection(to endpoint: EndpointID, now: Timestamp) -> Bool {
        guard var state = endpoints[endpoint], state.probesByConnection, state.hold(now: now) == nil,
            state.breaker.mayProbe(now: now, isForeground: false)
        else { return false }
        state.breaker.beginProbe(now: now, isForeground: false)
        endpoints[endpoint] = state
        return true
    }

    /// - Returns: whether the endpoint can be reached again.
    package mutating func endConnection(to endpoint: EndpointID, succeeded: Bool, now: Timestamp) -> Bool {
        guard var state = endpoints[endpoint] else { return succeeded }
        if succeeded {
            if state.breaker.answered() { state.concurrency.restart() }
        } else {
            _ = state.breaker.failed(nil, atConnectLevel: true, population: 0, wasProbe: true, now: now)
        }
        store(state, at: endpoint, now: now)
        return succeeded
    }

    // MARK: Time

    /// The wall clock was set: what is measured on it moves along.
    package mutating func shift(by step: Duration) {
        for endpoint in endpoints.keys { endpoints[endpoint]?.shift(by: step) }
    }
}
