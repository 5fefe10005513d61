package import ToolAuthCore

/// A provider's rate for a whole client: as many requests as it allows, given back one by one as time passes.
///
/// Kept as the instant at which the bucket will be full again (GCRA), so that it costs one number and no timer.
package struct TokenBucket: Sendable, Equatable {
    package let rate: RefreshPolicy.Rate
    private var fullAt: Timestamp

    package init(_ rate: RefreshPolicy.Rate, now: Timestamp) {
        self.rate = rate
        fullAt = now
    }

    private var interval: Duration { rate.per / max(1, rate.requests) }

    /// When the next request may go out; nil: now.
    package func availableAt(now: Timestamp) -> Timestamp? {
        let earliest = fullAt - rate.per + interval
        return earliest > now ? earliest : nil
    }

    /// Takes one out; ask ``availableAt(now:)`` first.
    package mutating func take(now: Timestamp) {
        fullAt = max(fullAt, now) + interval
    }

    /// Whether nothing of it is used up, so that it need not be remembered.
    package func isFull(now: Timestamp) -> Bool { fullAt <= now }

    /// The wall clock was set.
    package mutating func shift(by step: Duration) { fullAt = fullAt + step }
}
