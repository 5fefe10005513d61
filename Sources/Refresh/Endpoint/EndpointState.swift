import ToolAuthCore

/// All that is known of one endpoint: what waits for it, what is under way, and how it has answered lately.
struct EndpointState: Sendable {
    var concurrency: ConcurrencyLimit
    var breaker = CircuitBreaker()
    /// nil: the provider allows any number of requests.
    var bucket: TokenBucket?
    /// Until when a Retry-After holds it; passed: it does not.
    var heldUntil: Timestamp?
    var queue = EndpointQueue()
    var active = 0
    /// Whether its tools can try a connection without sending anything.
    var canConnect = false

    init(cap: Int) {
        concurrency = ConcurrencyLimit(cap: cap)
    }

    /// Takes out of the queue what may start at `now`, and counts it as under way.
    ///
    /// - Parameter reserved: whether only foreground work may start.
    /// - Returns: its number among the attempts, and whether an open breaker lets it through; nil: nothing may start.
    mutating func start(
        now: Timestamp, onlyForeground reserved: Bool
    ) -> (key: ToolAuthKey, number: Int, isProbe: Bool)? {
        guard hold(now: now) == nil, bucket?.availableAt(now: now) == nil else { return nil }
        let isProbe = breaker.isOpen
        if isProbe {
            guard breaker.mayProbe(now: now, isForeground: queue.hasForeground) else { return nil }
        } else if active >= concurrency.current {
            return nil
        }
        guard let (key, isForeground) = queue.next(onlyForeground: reserved) else { return nil }
        if isProbe { breaker.beginProbe(now: now, isForeground: isForeground) }
        bucket?.take(now: now)
        active += 1
        return (key, concurrency.begin(), isProbe)
    }

    /// Whether nothing would be lost by forgetting it.
    func isIdle(now: Timestamp) -> Bool {
        active == 0 && queue.isEmpty && breaker.isPristine && !concurrency.isRestarting && hold(now: now) == nil
            && (bucket?.isFull(now: now) ?? true)
    }

    /// Until when a Retry-After holds it; nil: it does not at `now`.
    func hold(now: Timestamp) -> Timestamp? {
        heldUntil.flatMap { $0 > now ? $0 : nil }
    }

    /// When an attempt that waits may start, as far as time alone decides; nil: time is not what holds it.
    func nextStart(now: Timestamp) -> Timestamp? {
        let limits = [hold(now: now), breaker.probeAt, bucket?.availableAt(now: now)].compactMap(\.self)
        return limits.max().flatMap { $0 > now ? $0 : nil }
    }

    /// Whether a probe without a token is what an open breaker waits for.
    var probesByConnection: Bool { breaker.wantsConnection && canConnect }

    mutating func shift(by step: Duration) {
        breaker.shift(by: step)
        bucket?.shift(by: step)
        heldUntil = heldUntil.map { $0 + step }
    }
}
