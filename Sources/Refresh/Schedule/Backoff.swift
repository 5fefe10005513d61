/// How long to wait after failures in a row: full jitter on an exponential.
///
/// | failures | wait up to |
/// |---|---|
/// | 1 | 2 s |
/// | 2 | 4 s |
/// | 5 | 32 s |
/// | 9 | 512 s |
/// | 10 and more | 15 min |
///
/// The wait is uniform in [1 s, that]. The floor keeps an unlucky draw from sending the next attempt at once.
package struct Backoff: Sendable, Equatable {
    package let base: Duration
    package let ceiling: Duration
    package let floor: Duration

    /// After failures that pass by themselves: 2 s · 2ⁿ up to 15 min.
    package static let transient = Backoff(base: .seconds(2), ceiling: .seconds(900), floor: .seconds(1))
    /// After a refusal that only a change of configuration ends: 1 h · 2ⁿ up to 24 h, without going below half.
    package static let rejected = Backoff(base: .seconds(3600), ceiling: .seconds(86_400), floor: .seconds(1800))

    package init(base: Duration, ceiling: Duration, floor: Duration) {
        self.base = base
        self.ceiling = ceiling
        self.floor = floor
    }

    /// The most the wait after `failures` (1 or more) in a row can be.
    package func limit(failures: Int) -> Duration {
        var limit = base
        for _ in 1..<max(failures, 1) {
            if limit >= ceiling { break }
            limit = limit * 2
        }
        return min(limit, ceiling)
    }

    /// - Parameter uniform: drawn from [0, 1).
    package func wait(failures: Int, uniform: Double) -> Duration {
        let limit = limit(failures: failures)
        return floor + (limit - floor) * uniform
    }
}
