import Logging
import Telemetry
import Testing
import ToolAuthCore

@Suite("Flood guard")
struct FloodGuardTests {
    private let failing = FloodGuard.Subject(.degraded, key("gmail").toolID)
    private let pausing = FloodGuard.Subject(.toolPaused, key("gmail").toolID)
    private let other = FloodGuard.Subject(.degraded, key("slack").toolID)

    private func flood(ofTool: Int, inAll: Int) -> FloodGuard {
        let limit = FloodGuard.Limit(ofTool: ofTool, inAll: inAll)
        return FloodGuard(limits: [.degraded: limit, .toolPaused: limit])
    }

    @Test("so many alike in a minute pass, and the rest become one sum", arguments: [0, 1, 5, 6, 7, 500])
    func limit(count: Int) {
        var flood = flood(ofTool: 6, inAll: 8)
        var passed = 0
        for millisecond in 0..<count where flood.admit(failing, .warning, at: midnight + .milliseconds(millisecond)) {
            passed += 1
        }
        #expect(passed == min(count, 6))
        let sums = flood.takeSummaries(at: midnight + .seconds(60))
        #expect(sums.map(\.count) == (count > 6 ? [count - 6] : []))
    }

    @Test("a tool in trouble leaves room for another, and one kind for another")
    func subjects() {
        var flood = flood(ofTool: 1, inAll: 2)
        let third = FloodGuard.Subject(.degraded, key("drive").toolID)
        let admitted = [failing, failing, other, third, pausing].map { subject in
            flood.admit(subject, .warning, at: midnight)
        }
        #expect(admitted == [true, false, true, false, true])
        let sums = flood.takeSummaries(at: midnight + .seconds(60))
        #expect(sums.map(\.tools) == [["drive", "gmail"].map { key($0).toolID }])
        #expect(sums.map(\.count) == [2])
    }

    @Test("a kind without a limit always passes")
    func unlimited() {
        var flood = FloodGuard()
        let passed = (0..<100).count { _ in flood.admit(.init(.started, nil), .info, at: midnight) }
        #expect(passed == 100)
    }

    @Test(
        "a minute ends after sixty seconds, or when the clock is set back",
        arguments: [
            (.milliseconds(59_999), false), (.seconds(60), true), (.seconds(7200), true), (.milliseconds(-1), true),
        ] as [(Duration, Bool)])
    func ends(after: Duration, isOver: Bool) {
        var flood = flood(ofTool: 1, inAll: 1)
        _ = flood.admit(failing, .warning, at: midnight)
        _ = flood.admit(failing, .warning, at: midnight)
        let sums = flood.takeSummaries(at: midnight + after)
        #expect(sums.map(\.count) == (isOver ? [1] : []))
        let admitted = flood.admit(failing, .warning, at: midnight + after)
        #expect(admitted == isOver)
    }

    @Test("however they come, no sixty seconds have more lines of a kind than the limit and a sum")
    func everyMinute() {
        var flood = flood(ofTool: 3, inAll: 3)
        var lines: [Timestamp] = []
        for step in 0..<1200 where step % 400 < 150 || step % 7 == 0 {
            let now = midnight + .seconds(step)
            lines += flood.takeSummaries(at: now).map { _ in now }
            if flood.admit(failing, .warning, at: now) { lines.append(now) }
        }
        for line in lines {
            #expect(lines.count { $0 >= line && $0 < line + .seconds(60) } <= 4)
        }
        #expect(lines.count > 20)
    }

    @Test("while a flood lasts, its sum alone goes on, and says how many there were in all")
    func lasting() {
        var flood = flood(ofTool: 3, inAll: 3)
        var passed: [Int] = []
        var told: [[Int]] = []
        for minute in 0..<4 {
            let now = midnight + .seconds(60 * minute)
            told += flood.takeSummaries(at: now).map { [$0.count, $0.total] }
            passed.append((0..<(minute < 3 ? 10 : 2)).count { _ in flood.admit(failing, .warning, at: now) })
        }
        #expect(passed == [3, 0, 0, 0])
        #expect(told == [[7, 7], [10, 17], [10, 27]])
        // Two in a minute are no flood any more.
        var sums = flood.takeSummaries(at: midnight + .seconds(240))
        #expect(sums.map(\.count) == [2])
        let admitted = flood.admit(failing, .warning, at: midnight + .seconds(241))
        #expect(admitted)
        // And a minute without any begins the count anew.
        sums = flood.takeSummaries(at: midnight + .seconds(300))
        #expect(sums.isEmpty)
        for _ in 0..<5 { _ = flood.admit(failing, .warning, at: midnight + .seconds(301)) }
        sums = flood.takeSummaries(at: midnight + .seconds(400))
        #expect(sums.map(\.total) == [2])
    }

    @Test("a sum is told of once")
    func once() {
        var flood = flood(ofTool: 0, inAll: 0)
        _ = flood.admit(failing, .warning, at: midnight)
        var sums = flood.takeSummaries(at: midnight + .seconds(60))
        #expect(sums.count == 1)
        sums = flood.takeSummaries(at: midnight + .seconds(60))
        #expect(sums.isEmpty)
    }

    @Test("a sum is due a minute after its first line, and only where something was left out")
    func due() {
        var flood = flood(ofTool: 1, inAll: 1)
        _ = flood.admit(failing, .warning, at: midnight)
        #expect(flood.nextSummary == nil)
        _ = flood.admit(failing, .warning, at: midnight + .seconds(30))
        #expect(flood.nextSummary == midnight + .seconds(60))
    }

    @Test("at the end everything left out is told, oldest first")
    func atTheEnd() {
        var flood = flood(ofTool: 0, inAll: 0)
        _ = flood.admit(pausing, .error, at: midnight + .seconds(1))
        _ = flood.admit(failing, .warning, at: midnight)
        _ = flood.admit(failing, .warning, at: midnight + .seconds(2))
        var sums = flood.takeAll(at: midnight + .seconds(3))
        #expect(sums.map(\.kind) == [.degraded, .toolPaused])
        sums = flood.takeAll(at: midnight + .seconds(3))
        #expect(sums.isEmpty)
    }

    @Test("a sum is as grave as the gravest it stands for")
    func entry() throws {
        var flood = flood(ofTool: 0, inAll: 0)
        for level in [Logger.Level.notice, .error, .notice] { _ = flood.admit(pausing, level, at: midnight) }
        let sums = flood.takeSummaries(at: midnight + .seconds(60))
        let entry = JournalEntry(try #require(sums.first))
        #expect(entry.level == .error)
        #expect(entry.message == "gmail: paused 3 times more within the last minute.")
        #expect(
            entry.fields == [
                "TOOLAUTH_TOOL": "gmail", "TOOLAUTH_EVENT": "tool.paused", "TOOLAUTH_COUNT": "3", "TOOLAUTH_TOTAL": "3",
            ])
    }
}
