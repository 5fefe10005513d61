import Logging
import Telemetry
import Testing
import ToolAuthCore

@Suite("Refresh tally")
struct RefreshTallyTests {
    private let gmail = key("gmail").toolID
    private let slack = key("slack").toolID

    @Test("a minute's refreshes are summed by tool, in the order of tools")
    func sums() {
        var tally = RefreshTally()
        for (tool, second) in [(slack, 0), (gmail, 1), (slack, 59)] {
            tally.count(tool, at: midnight + .seconds(second))
        }
        #expect(tally.takeSummaries(at: midnight + .milliseconds(59_999)).isEmpty)
        #expect(
            tally.takeSummaries(at: midnight + .seconds(60))
                == [RefreshTally.Summary(toolID: gmail, count: 1), RefreshTally.Summary(toolID: slack, count: 2)])
        #expect(tally.takeSummaries(at: midnight + .seconds(120)).isEmpty)
    }

    @Test("a minute begins with its first refresh")
    func begins() {
        var tally = RefreshTally()
        #expect(tally.nextSummary == nil)
        tally.count(gmail, at: midnight + .seconds(30))
        tally.count(gmail, at: midnight + .seconds(50))
        #expect(tally.nextSummary == midnight + .seconds(90))
    }

    @Test("a clock set back ends the minute")
    func setBack() {
        var tally = RefreshTally()
        tally.count(gmail, at: midnight)
        #expect(tally.takeSummaries(at: midnight - .milliseconds(1)).map(\.count) == [1])
    }

    @Test(
        "a sum is an info line with its count",
        arguments: [
            (1, "gmail: 1 token was refreshed within the last minute."),
            (42, "gmail: 42 tokens were refreshed within the last minute."),
        ])
    func entry(count: Int, message: String) {
        let entry = JournalEntry(RefreshTally.Summary(toolID: gmail, count: count))
        #expect(entry.level == .info)
        #expect(entry.message == message)
        #expect(
            entry.fields == [
                "TOOLAUTH_TOOL": "gmail", "TOOLAUTH_OUTCOME": "refreshed", "TOOLAUTH_COUNT": String(count),
            ])
    }
}
