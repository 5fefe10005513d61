import Logging
import Telemetry
import Testing
import ToolAuthCore

@Suite("Flood guard")
struct FloodGuardTests {
    private let failing = FloodGuard.Subject(.degraded, ToolID("gmail"))
    private let pausing = FloodGuard.Subject(.toolPaused, ToolID("gmail"))
    private let other = FloodGuard.Subject(.degraded, ToolID("slack"))

    @Test("twenty alike in a minute pass, and the rest become one sum", arguments: [0, 1, 19, 20, 21, 500])
    func limit(count: Int) {
        var flood = FloodGuard()
        var passed = 0
        for millisecond in 0..<count where flood.admit(failing, at: midnight + .milliseconds(millisecond)) {
            passed += 1
        }
        #expect(passed == min(count, 20))
        let sums = flood.takeSummaries(at: midnight + .seconds(60))
        #expect(sums.map(\.count) == (count > 20 ? [count - 20] : []))
    }

    @Test("other tools and other kinds have their own count")
    func subjects() {
        var flood = FloodGuard(limit: 1)
        let admitted = [failing, pausing, other, failing].map { subject in flood.admit(subject, at: midnight) }
        #expect(admitted == [true, true, true, false])
    }

    @Test(
        "a minute ends after sixty seconds, or when the clock is set back",
        arguments: [
            (.milliseconds(59_999), false), (.seconds(60), true), (.seconds(7200), true), (.milliseconds(-1), true),
        ] as [(Duration, Bool)])
    func ends(after: Duration, isOver: Bool) {
        var flood = FloodGuard(limit: 1)
        _ = flood.admit(failing, at: midnight)
        _ = flood.admit(failing, at: midnight)
        let sums = flood.takeSummaries(at: midnight + after)
        #expect(sums == (isOver ? [FloodGuard.Summary(subject: failing, count: 1, since: midnight)] : []))
        let admitted = flood.admit(failing, at: midnight + after)
        #expect(admitted == isOver)
    }

    @Test("a sum is told of once")
    func once() {
        var flood = FloodGuard(limit: 0)
        _ = flood.admit(failing, at: midnight)
        #expect(flood.takeSummaries(at: midnight + .seconds(60)).count == 1)
        #expect(flood.takeSummaries(at: midnight + .seconds(60)).isEmpty)
    }

    @Test("a sum is due a minute after its first entry, and only where something was left out")
    func due() {
        var flood = FloodGuard(limit: 1)
        _ = flood.admit(failing, at: midnight)
        #expect(flood.nextSummary == nil)
        _ = flood.admit(failing, at: midnight + .seconds(30))
        #expect(flood.nextSummary == midnight + .seconds(60))
    }

    @Test("at the end everything left out is told, oldest first")
    func atTheEnd() {
        var flood = FloodGuard(limit: 0)
        _ = flood.admit(other, at: midnight + .seconds(1))
        _ = flood.admit(failing, at: midnight)
        _ = flood.admit(failing, at: midnight + .seconds(2))
        #expect(flood.takeAll().map(\.subject) == [failing, other])
        #expect(flood.takeAll().isEmpty)
    }

    @Test("a sum is as grave as what it stands for")
    func entry() {
        let entry = JournalEntry(FloodGuard.Summary(subject: pausing, count: 480, since: midnight))
        #expect(entry.level == .error)
        #expect(
            entry.message
                == "gmail: 480 more entries like tool.paused since 2026-01-31T00:00:00.000Z, not shown one by one.")
        #expect(
            entry.fields == ["TOOLAUTH_TOOL": "gmail", "TOOLAUTH_EVENT": "tool.paused", "TOOLAUTH_COUNT": "480"])
    }
}
