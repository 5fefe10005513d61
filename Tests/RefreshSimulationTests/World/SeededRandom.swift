import ToolAuthCore

/// Everything that is left to chance in a run, from one seed (SplitMix64).
final class SeededRandom: Sendable {
    private let state: Locked<UInt64>

    init(seed: UInt64) {
        state = Locked(seed &+ 0x9e37_79b9_7f4a_7c15)
    }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9e37_79b9_7f4a_7c15
            var word = state
            word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
            word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
            return word ^ (word >> 31)
        }
    }

    /// From [0, 1).
    func uniform() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

    func chance(_ probability: Double) -> Bool { uniform() < probability }

    func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }

    func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    func duration(_ range: ClosedRange<Double>) -> Duration {
        .milliseconds(Int64((range.lowerBound + (range.upperBound - range.lowerBound) * uniform()) * 1000))
    }
}
