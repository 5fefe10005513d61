import Logging
import Refresh
import Telemetry
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Events on their way to the journal")
struct JournalEventsTests {
    private struct Recorder: LogHandler {
        let record: @Sendable (String) -> Void
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { record(event.message.description) }
    }

    private static let endpoint = EndpointID(tokenEndpoint: "https://id.example.com/token", clientID: "client")

    private func lines(of events: (JournalEvents) -> Void) -> [String] {
        let lines = Locked<[String]>([])
        let recorder = Recorder { line in lines.withLock { $0.append(line) } }
        let journal = EventJournal(logger: Logger(label: "test") { _ in recorder }, clock: SystemWallClock())
        let hub = EventHub(startedAt: Timestamp(secondsSinceEpoch: 1_769_817_600))
        let sink = JournalEvents(journal: journal, hub: hub, metrics: RefreshMetrics(), timer: DispatchWakeTimer()) {}
        events(sink)
        sink.finish()
        return lines.withLock { $0 }
    }

    private func report(_ key: ToolAuthKey, _ code: String) -> AttemptReport {
        AttemptReport(
            key: key, outcome: .requestRejected(AttemptFailure(code: code, detail: "No.")), duration: .seconds(1),
            endpoint: Self.endpoint, nextAttemptAt: nil, lag: nil, changesStatus: false)
    }

    @Test("an outage is told with its tools, and who goes on failing after it by himself")
    func outage() throws {
        let tool = try #require(ToolID("gmail"))
        let key = ToolAuthKey(tool, try #require(UserID("alice")))
        let record = ToolAuthRecord(
            key: key, tokenType: "Bearer", scope: "", obtainedAt: Timestamp(secondsSinceEpoch: 0), expiresAt: nil,
            hasAccessToken: true, hasRefreshToken: true, clientID: "client", tokenOrigin: "https://id.example.com:443",
            createdAt: Timestamp(secondsSinceEpoch: 0))
        var degraded = ToolAuthEvent(.degraded, at: Timestamp(secondsSinceEpoch: 0), record: record)
        degraded.endpoint = Self.endpoint
        let lines = lines { events in
            events.notice(.endpointFailing(Self.endpoint, [tool], AttemptFailure(code: "timeout", detail: "Late.")))
            events.emit(degraded)
            events.attemptEnded(report(key, "timeout"))
            events.notice(.endpointRecovered(Self.endpoint, [tool]))
            events.attemptEnded(report(key, "invalid_scope"))
            events.attemptEnded(report(key, "invalid_scope"))
        }
        #expect(lines.count == 3)
        #expect(
            lines.first
                == "gmail: https://id.example.com/token fails for every grant, so only probes go out: Late (timeout).")
        #expect(lines.dropFirst().first?.contains("in which 1 more grant could not be refreshed") == true)
        #expect(lines.last == "gmail: the token of alice could not be refreshed: No (invalid_scope).")
    }

    @Test("what fails for every request is a few lines and a sum")
    func storeErrors() {
        let lines = lines { events in
            for _ in 0..<1000 {
                events.notice(.storeErred("what a client asked for", StoreError(.io, "disk I/O error")))
            }
        }
        #expect(lines.count == 4)
        #expect(lines.first == "The store failed at what a client asked for: disk I/O error.")
        #expect(lines.last == "toolauthd: the store failed at something 997 times more within the last minute.")
    }
}
