import Refresh
import Testing

@Suite("The concurrency limit")
struct ConcurrencyLimitTests {
    @Test("it begins at four, or at what is allowed", arguments: [(16, 4), (4, 4), (2, 2), (1, 1), (0, 1)])
    func initial(cap: Int, expected: Int) {
        #expect(ConcurrencyLimit(cap: cap).current == expected)
    }

    @Test("a window of answers adds one, up to what is allowed")
    func grows() {
        var limit = ConcurrencyLimit(cap: 6)
        for _ in 0..<5 { limit.succeeded() }
        #expect(limit.current == 5)
        for _ in 0..<200 { limit.succeeded() }
        #expect(limit.current == 6)
    }

    @Test("too much halves it once a window, never below one")
    func halves() {
        var limit = ConcurrencyLimit(cap: 16)
        for _ in 0..<500 { limit.succeeded() }
        #expect(limit.current == 16)
        let window = (0..<16).map { _ in limit.begin() }
        for number in window { limit.overloaded(number) }
        #expect(limit.current == 8)
        for _ in 0..<20 { limit.overloaded(limit.begin()) }
        #expect(limit.current == 1)
    }

    @Test("after an outage it starts at one, doubles to where it was, and then creeps")
    func slowStart() {
        var limit = ConcurrencyLimit(cap: 64)
        for _ in 0..<50 { limit.succeeded() }
        let former = limit.current
        limit.restart()
        #expect(limit.current == 1)
        #expect(limit.isRestarting)
        var steps: [Int] = []
        while limit.isRestarting {
            for _ in 0..<limit.current where limit.isRestarting { limit.succeeded() }
            steps.append(limit.current)
        }
        #expect(steps.starts(with: [2, 4, 8]))
        #expect(limit.current >= former)
        let reached = limit.current
        for _ in 0..<(reached - 1) { limit.succeeded() }
        #expect(limit.current == reached)
    }

    @Test("too much during the slow start ends it")
    func slowStartEnds() {
        var limit = ConcurrencyLimit(cap: 64)
        limit.restart()
        limit.succeeded()
        limit.overloaded(limit.begin())
        #expect(!limit.isRestarting)
        #expect(limit.current == 1)
    }

    @Test("attempts of before an outage do not halve what comes after it")
    func stragglers() {
        var limit = ConcurrencyLimit(cap: 16)
        let before = limit.begin()
        limit.restart()
        limit.succeeded()
        limit.overloaded(before)
        #expect(limit.current == 2)
    }

    @Test("a lower cap takes effect at once")
    func setCap() {
        var limit = ConcurrencyLimit(cap: 16)
        limit.setCap(2)
        #expect(limit.current == 2)
    }
}
