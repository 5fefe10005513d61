package import ToolAuthCore

/// Keeps an endpoint that fails from being asked by every record: while it is open only probes go out.
///
/// It opens after two failures to connect, or after other failures of three distinct records (of all, where there are
/// fewer), with no answer between. Probes come after 1 s, 2 s, 4 s … up to a minute; one at a time. The first answer closes
/// it.
package struct CircuitBreaker: Sendable, Equatable {
    package static let connectFailures = 2
    package static let distinctRecords = 3
    package static let firstInterval: Duration = .seconds(1)
    package static let longestInterval: Duration = .seconds(60)
    /// Somebody who waits may be the probe, but not more often than this.
    package static let foregroundInterval: Duration = .seconds(5)

    private struct Opening: Sendable, Equatable {
        var interval: Duration
        var probeAt: Timestamp
        /// Whether the failures were at connect level, so that a probe needs no token.
        var isConnectLevel: Bool
        var isProbing = false
        var lastForegroundProbe: Timestamp?
    }

    private var connectFailures = 0
    private var failed: Set<ToolAuthKey> = []
    private var opening: Opening?

    package init() {}

    package var isOpen: Bool { opening != nil }
    /// Whether there is nothing to remember.
    package var isPristine: Bool { opening == nil && connectFailures == 0 && failed.isEmpty }
    /// When the next probe may go out; nil: it is closed, or a probe is under way.
    package var probeAt: Timestamp? { opening.flatMap { $0.isProbing ? nil : $0.probeAt } }
    /// When to ask again, for whoever is turned away; nil: it is closed.
    package var retryAt: Timestamp? { opening?.probeAt }
    package var isProbing: Bool { opening?.isProbing ?? false }
    /// Whether a connection without a request is probe enough.
    package var wantsConnection: Bool { opening?.isConnectLevel ?? false }

    // MARK: Probes

    /// Whether a probe may begin at `now`.
    package func mayProbe(now: Timestamp, isForeground: Bool) -> Bool {
        guard let opening, !opening.isProbing else { return false }
        if now >= opening.probeAt { return true }
        guard isForeground else { return false }
        return opening.lastForegroundProbe.map { now - $0 >= Self.foregroundInterval } ?? true
    }

    package mutating func beginProbe(now: Timestamp, isForeground: Bool) {
        opening?.isProbing = true
        if isForeground { opening?.lastForegroundProbe = now }
    }

    /// A probe ended without telling anything: nothing was sent after all. Another may go out now.
    package mutating func abandonProbe() {
        opening?.isProbing = false
    }

    // MARK: What was seen

    /// - Returns: whether it closed just now.
    package mutating func answered() -> Bool {
        let wasOpen = isOpen
        self = CircuitBreaker()
        return wasOpen
    }

    /// - Parameters:
    ///   - key: whose attempt it was; nil: a probe without a token.
    ///   - population: how many records there are at the endpoint, as far as is known and up to three.
    ///   - wasProbe: whether it was let through while this was open.
    /// - Returns: whether it opened just now.
    package mutating func failed(
        _ key: ToolAuthKey?, atConnectLevel: Bool, population: Int, wasProbe: Bool, now: Timestamp
    ) -> Bool {
        if var opening {
            guard wasProbe else { return false }
            opening.isProbing = false
            opening.isConnectLevel = atConnectLevel
            opening.interval = min(opening.interval * 2, Self.longestInterval)
            opening.probeAt = now + opening.interval
            self.opening = opening
            return false
        }
        if atConnectLevel { connectFailures += 1 } else if let key { failed.insert(key) }
        let isBroken =
            connectFailures >= Self.connectFailures
            || (!failed.isEmpty && failed.count >= min(Self.distinctRecords, max(1, population)))
        guard isBroken else { return false }
        opening = Opening(
            interval: Self.firstInterval, probeAt: now + Self.firstInterval, isConnectLevel: atConnectLevel)
        connectFailures = 0
        failed = []
        return true
    }

    /// The wall clock was set.
    package mutating func shift(by step: Duration) {
        guard var opening else { return }
        opening.probeAt = opening.probeAt + step
        opening.lastForegroundProbe = opening.lastForegroundProbe.map { $0 + step }
        self.opening = opening
    }
}
