import Foundation
import Testing
import ToolAuthCore

@testable import Refresh

/// The engine's decisions played through against simulated providers, a simulated store and simulated clocks: rotation with
/// reuse detection, lost replies, crashes at every step, clocks set, suspends, outages, rate limits, refused commits, and
/// users who connect again or leave meanwhile.
///
/// `SIMULATION_SEEDS=FIRST-LAST` says which runs; one of them alone replays it.
@Suite("The simulation")
struct SimulationTests {
    static let seeds: ClosedRange<UInt64> = {
        let text = ProcessInfo.processInfo.environment["SIMULATION_SEEDS"] ?? "1-400"
        let parts = text.split(separator: "-").compactMap { UInt64($0) }
        guard let first = parts.first, let last = parts.last, first <= last else { return 1...400 }
        return first...last
    }()

    @Test("no token is lost, none is sent twice but by the rule, and all come right in the end")
    func invariants() {
        var counts: [String: Int] = [:]
        var failures = 0
        for seed in Self.seeds {
            let scenario = Scenario(seed: seed)
            let violations = scenario.run()
            for (name, count) in scenario.oracle.counts { counts[name, default: 0] += count }
            if violations.isEmpty { continue }
            failures += 1
            Issue.record("SIMULATION_SEEDS=\(seed): \(violations.joined(separator: "; "))")
            if failures == 5 { break }
        }
        let seen = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("simulated \(Self.seeds.count) runs: \(seen)")
    }

    /// That a run finds nothing means something only if it would find what is wrong.
    @Test("without one of its safety mechanisms the engine is caught", arguments: SimulatedStore.Sabotage.allCases)
    func sabotage(_ missing: SimulatedStore.Sabotage) {
        for seed in UInt64(1)...400 {
            let violations = Scenario(seed: seed, sabotage: missing).run()
            if let first = violations.first {
                print("without \(missing.rawValue), seed \(seed): \(first)")
                return
            }
        }
        Issue.record("400 runs did not notice that '\(missing.rawValue)' is missing")
    }
}
