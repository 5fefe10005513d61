import Logging
import Telemetry
import Testing
import ToolAuthCore

@Suite("Event journal")
struct EventJournalTests {
    private let recorder = LogRecorder()
    private let clock = ManualWallClock()

    private func journal(_ level: Logger.Level = .info) -> EventJournal {
        EventJournal(logger: recorder.logger(level), clock: clock)
    }

    private func event(_ kind: ToolAuthEvent.Kind) -> ToolAuthEvent {
        ToolAuthEvent(kind, at: clock.now, record: record())
    }

    private func use(_ pid: Int32 = 10) -> TokenUse {
        TokenUse(rule: "root", peerPID: pid, peerUID: 0, peerUnit: nil, key: key(), generation: 1)
    }

    @Test("an event is one line with its fields as metadata")
    func oneLinePerEvent() {
        journal().record(event(.connected))
        #expect(recorder.lines.count == 1)
        #expect(recorder.lines.first?.level == .notice)
        #expect(recorder.lines.first?.metadata["MESSAGE_ID"] == MessageID.connected.rawValue)
        #expect(recorder.lines.first?.metadata["TOOLAUTH_USER"] == "alice")
    }

    @Test("at info, refreshes are told of as a sum a minute")
    func refreshSum() {
        let journal = journal()
        for _ in 0..<30 { journal.record(event(.refreshed)) }
        #expect(recorder.lines.isEmpty)
        #expect(journal.nextFlush == midnight + .seconds(60))
        clock.advance(by: .seconds(60))
        journal.flush()
        #expect(recorder.messages == ["gmail: 30 tokens were refreshed within the last minute."])
        #expect(journal.nextFlush == nil)
    }

    @Test("at debug, each refresh has its line, however many there are")
    func refreshLines() {
        let journal = journal(.debug)
        for _ in 0..<30 { journal.record(event(.refreshed)) }
        #expect(recorder.lines.count == 30)
    }

    @Test("a flood becomes a few lines and a sum, which the next event brings along")
    func flood() {
        let journal = journal()
        for _ in 0..<100 { journal.record(event(.degraded)) }
        #expect(recorder.lines.count == 2)
        clock.advance(by: .seconds(61))
        journal.record(.resumed)
        #expect(
            recorder.messages[2] == "gmail: the tokens of 98 more users could not be refreshed within the last minute.")
        #expect(recorder.lines[2].metadata["TOOLAUTH_COUNT"] == "98")
        #expect(recorder.lines[2].metadata["MESSAGE_ID"] == MessageID.floodSummary.rawValue)
        #expect(recorder.lines[3].metadata["MESSAGE_ID"] == MessageID.resumed.rawValue)
    }

    @Test("what a flood leaves out is there for those who debug")
    func floodAtDebug() {
        let journal = journal(.debug)
        for _ in 0..<100 { journal.record(event(.degraded)) }
        #expect(recorder.lines.count == 100)
        #expect(recorder.lines.filter { $0.level == .debug }.count == 98)
    }

    @Test("tokens handed out are told of once, and counted")
    func audit() {
        let journal = journal()
        for _ in 0..<10 { journal.recordUse(use()) }
        journal.recordUse(use(11))
        #expect(recorder.lines.map { $0.metadata["TOOLAUTH_PEER_PID"] } == ["10", "11"])
        clock.advance(by: .seconds(60))
        journal.flush()
        #expect(recorder.lines.last?.metadata["TOOLAUTH_COUNT"] == "9")
    }

    @Test("before the end, all sums are written though their minute is not over")
    func finish() {
        let journal = journal()
        journal.record(event(.refreshed))
        for _ in 0..<21 { journal.record(event(.degraded)) }
        for _ in 0..<2 { journal.recordUse(use()) }
        let before = recorder.lines.count
        journal.finish()
        #expect(
            recorder.lines.dropFirst(before).map { $0.metadata["MESSAGE_ID"] }
                == [MessageID.refreshSummary, .floodSummary, .tokenIssued].map(\.rawValue))
        journal.finish()
        #expect(recorder.lines.count == before + 3)
    }

    @Test(
        "an attempt without an event shows at debug only",
        arguments: [(.info, 0), (.debug, 1)] as [(Logger.Level, Int)])
    func attempts(level: Logger.Level, lines: Int) {
        journal(level).recordAttempt(for: key(), endedAs: .unrefreshable, after: nil, at: nil, nextAttempt: nil)
        #expect(recorder.lines.count == lines)
    }

    @Test("the daemon's own events are written at once")
    func daemon() {
        journal().record(.stopping(reason: "SIGTERM"))
        #expect(recorder.messages == ["Stopping: SIGTERM."])
    }
}
