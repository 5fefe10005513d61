/// How many attempts an endpoint bears at once, learnt from how it answers.
///
/// Starts at four. Each window of as many answers as the limit adds one (additive increase); an answer that says "too
/// much" halves it, at most once a window. After an outage it starts again at one and doubles with each window until it
/// is where it was, or the provider complains (slow start).
package struct ConcurrencyLimit: Sendable, Equatable {
    package static let initial = 4

    /// What the configuration allows at the most.
    package private(set) var cap: Int
    private var limit: Double
    /// Doubling goes on below this.
    private var slowStartEnd: Double = 0
    /// How many attempts had been begun when the limit was halved last: those say nothing new about it.
    private var begunAtHalving = 0
    private var begun = 0

    package init(cap: Int) {
        self.cap = max(1, cap)
        limit = Double(min(Self.initial, self.cap))
    }

    package var current: Int { max(1, Int(limit)) }
    /// Whether it is still on its way up after an outage.
    package var isRestarting: Bool { limit < slowStartEnd }

    /// The configuration changed.
    package mutating func setCap(_ cap: Int) {
        self.cap = max(1, cap)
        limit = min(limit, Double(self.cap))
    }

    /// An attempt begins.
    ///
    /// - Returns: its number, to be given back when it ends.
    package mutating func begin() -> Int {
        begun += 1
        return begun
    }

    /// The provider answered as one that has no trouble.
    package mutating func succeeded() {
        limit = min(Double(cap), limit < slowStartEnd ? limit + 1 : limit + 1 / limit)
    }

    /// The provider said that it is too much, or did not answer in time.
    ///
    /// - Parameter number: which attempt it was, see ``begin()``.
    package mutating func overloaded(_ number: Int) {
        guard number > begunAtHalving else { return }
        begunAtHalving = begun
        limit = max(1, limit / 2)
        slowStartEnd = 0
    }

    /// The endpoint answers again after an outage.
    package mutating func restart() {
        slowStartEnd = max(limit, Double(min(Self.initial, cap)))
        limit = 1
        begunAtHalving = begun
    }
}
