import Logging
import Telemetry
import Testing
import ToolAuthCore

@Suite("Journal entries")
struct JournalEntryTests {
    private func event(
        _ kind: ToolAuthEvent.Kind, _ change: (inout ToolAuthRecord) -> Void = { _ in }
    ) -> ToolAuthEvent {
        var record = record()
        change(&record)
        return ToolAuthEvent(kind, at: midnight, record: record)
    }

    @Test("every message id is 32 small hexadecimal digits")
    func idForm() {
        for id in MessageID.allCases {
            #expect(id.rawValue.count == 32)
            #expect(id.rawValue.allSatisfy { "0123456789abcdef".contains($0) })
        }
    }

    @Test("every kind of event has a message id of its own")
    func idPerKind() {
        #expect(Set(ToolAuthEvent.Kind.allCases.map(\.messageID)).count == ToolAuthEvent.Kind.allCases.count)
    }

    @Test(
        "the level says whether a person is needed",
        arguments: [
            (.refreshed, .debug), (.connected, .notice), (.recovered, .notice), (.deleted, .notice),
            (.toolResumed, .notice), (.configurationReloaded, .notice), (.reauthorizationDue, .notice),
            (.degraded, .warning), (.reauthorizationRequired, .warning), (.toolPaused, .error),
            (.revocationFailed, .error),
        ] as [(ToolAuthEvent.Kind, Logger.Level)])
    func levels(kind: ToolAuthEvent.Kind, level: Logger.Level) {
        var event = event(kind)
        event.failure = AttemptFailure(code: "invalid_client", detail: "No such client.")
        #expect(JournalEntry(event).level == level)
    }

    @Test("a tool that an administrator paused needs nobody")
    func pausedByHand() {
        #expect(JournalEntry(event(.toolPaused)).level == .notice)
    }

    @Test("a refresh tells how long it took, and when the token ends and is due again")
    func refreshed() {
        var refreshed = event(.refreshed)
        refreshed.outcome = "refreshed"
        refreshed.duration = .milliseconds(120)
        refreshed.endpoint = EndpointID(tokenEndpoint: "https://id.example.com/token", clientID: "client")
        let entry = JournalEntry(refreshed)
        #expect(entry.messageID == .refreshed)
        #expect(
            entry.message
                == "gmail: the token of alice was refreshed in 120 ms; valid until 2026-01-31T01:00:00.000Z.")
        #expect(
            entry.fields == [
                "TOOLAUTH_EVENT": "auth.refreshed", "TOOLAUTH_TOOL": "gmail", "TOOLAUTH_USER": "alice",
                "TOOLAUTH_OUTCOME": "refreshed", "TOOLAUTH_DURATION_USEC": "120000",
                "TOOLAUTH_ENDPOINT": "client@https://id.example.com/token", "TOOLAUTH_GENERATION": "7",
                "TOOLAUTH_EXPIRES_AT": "2026-01-31T01:00:00.000Z",
                "TOOLAUTH_NEXT_ATTEMPT": "2026-01-31T00:45:00.000Z",
            ])
    }

    @Test("a failure tells its cause, its code and the next attempt")
    func degraded() {
        var degraded = event(.degraded) {
            $0.status = .degraded
            $0.nextAttemptAt = midnight + .seconds(4)
        }
        degraded.failure = AttemptFailure(code: "timeout", detail: "No reply within 30 s.")
        let entry = JournalEntry(degraded)
        #expect(
            entry.message == "gmail: the token of alice could not be refreshed: No reply within 30 s (timeout); "
                + "the next attempt is at 2026-01-31T00:00:04.000Z.")
        #expect(entry.fields["TOOLAUTH_ERROR"] == "timeout")
        #expect(entry.fields["TOOLAUTH_NEXT_ATTEMPT"] == "2026-01-31T00:00:04.000Z")
    }

    @Test("a code that the cause names already is not said twice")
    func codeOnce() {
        var degraded = event(.degraded) { $0.nextAttemptAt = nil }
        degraded.failure = AttemptFailure(code: "invalid_grant", detail: "the provider answered invalid_grant")
        #expect(JournalEntry(degraded).message.contains(": the provider answered invalid_grant; the next"))
    }

    @Test("a dead grant tells its reason and is not due again")
    func dead() {
        let entry = JournalEntry(event(.reauthorizationRequired) { $0.status = .needsReauthorization(.replyLost) })
        #expect(entry.message == "gmail: alice must connect again (reply_lost).")
        #expect(entry.fields["TOOLAUTH_REASON"] == "reply_lost")
        #expect(entry.fields["TOOLAUTH_NEXT_ATTEMPT"] == nil)
    }

    @Test("a deleted grant is not due again")
    func deleted() {
        #expect(JournalEntry(event(.deleted)).fields["TOOLAUTH_NEXT_ATTEMPT"] == nil)
    }

    @Test("an event of a tool has no user")
    func toolEvent() {
        let entry = JournalEntry(
            ToolAuthEvent(.toolPaused, at: midnight, toolID: ToolID("slack"), detail: "The client is refused"))
        #expect(entry.message == "slack: paused. The client is refused.")
        #expect(entry.fields == ["TOOLAUTH_EVENT": "tool.paused", "TOOLAUTH_TOOL": "slack"])
    }

    @Test("a tool that is paused or resumed says why in whole sentences, what the provider said being among them")
    func toolSentences() {
        var paused = ToolAuthEvent(
            .toolPaused, at: midnight, toolID: ToolID("slack"),
            detail: "The provider refuses the client (bad_client_secret); check client_id and client_secret.")
        paused.failure = AttemptFailure(code: "invalid_client", detail: "bad_client_secret", providerStatus: 401)
        #expect(
            JournalEntry(paused).message
                == "slack: paused. The provider refuses the client (bad_client_secret); check client_id and client_secret."
        )
        #expect(JournalEntry(paused).fields["TOOLAUTH_ERROR"] == "invalid_client")
        let resumed = ToolAuthEvent(
            .toolResumed, at: midnight, toolID: ToolID("slack"), detail: "The provider accepts the client again.")
        #expect(JournalEntry(resumed).message == "slack: resumed. The provider accepts the client again.")
        let plain = ToolAuthEvent(.toolResumed, at: midnight, toolID: ToolID("slack"), detail: nil)
        #expect(JournalEntry(plain).message == "slack: resumed.")
    }

    @Test(
        "an end announced says how many days are left at most, and when it is",
        arguments: [(14, "within 14 days"), (1, "within 1 day"), (nil, "soon")] as [(Int?, String)])
    func due(days: Int?, left: String) {
        var due = event(.reauthorizationDue) { $0.announcedDays = days }
        due.detail = "The grant ends at 2026-02-14T00:00:00.000Z."
        #expect(
            JournalEntry(due).message
                == "gmail: alice should connect again \(left). The grant ends at 2026-02-14T00:00:00.000Z.")
    }

    @Test("an end announced without a word of when is that of the tokens")
    func dueWithoutDetail() {
        let due = event(.reauthorizationDue) { $0.refreshTokenExpiresAt = midnight + .seconds(86_400) }
        #expect(
            JournalEntry(due).message
                == "gmail: alice should connect again soon. The grant ends at 2026-02-01T00:00:00.000Z.")
        let token = event(.reauthorizationDue)
        #expect(JournalEntry(token).message.hasSuffix("The grant ends at 2026-01-31T01:00:00.000Z."))
    }

    @Test("an event of the daemon has no tool")
    func daemonWideEvent() {
        let entry = JournalEntry(ToolAuthEvent(.configurationReloaded, at: midnight, toolID: nil, detail: nil))
        #expect(entry.message == "The configuration was reloaded.")
        #expect(entry.fields == ["TOOLAUTH_EVENT": "configuration.reloaded"])
    }

    @Test("every kind of event makes a sentence that names the tool, the user or the configuration")
    func sentences() {
        for kind in ToolAuthEvent.Kind.allCases {
            let message = JournalEntry(event(kind)).message
            #expect(message.hasSuffix(".") && !message.contains(".."))
            #expect(message.hasPrefix("gmail: ") || kind == .configurationReloaded)
        }
    }

    @Test("what a provider said cannot begin a line or command a terminal")
    func foreignText() {
        var degraded = event(.degraded)
        degraded.failure = AttemptFailure(code: "x", detail: "bad\nFeb 1 toolauthd: all well\u{1b}[2J\u{202e}")
        let message = JournalEntry(degraded).message
        #expect(message.contains("bad Feb 1 toolauthd: all well [2J "))
        #expect(message.unicodeScalars.allSatisfy { !$0.isUnprintable })
    }

    @Test("what a provider said at length is cut off")
    func longText() {
        var degraded = event(.degraded)
        degraded.failure = AttemptFailure(code: "x", detail: String(repeating: "a", count: 100_000))
        #expect(JournalEntry(degraded).message.count == 1001)
    }

    @Test(
        "durations are whole microseconds, whatever they are",
        arguments: [
            (.microseconds(1), "1"), (.nanoseconds(1999), "1"), (.seconds(90), "90000000"), (.seconds(-3), "0"),
            (.nanoseconds(-1), "0"), (.seconds(Int64.max), "9223372036854775807"),
        ] as [(Duration, String)])
    func durations(duration: Duration, text: String) {
        var refreshed = event(.refreshed)
        refreshed.duration = duration
        #expect(JournalEntry(refreshed).fields["TOOLAUTH_DURATION_USEC"] == text)
    }

    @Test("an attempt that changed nothing is a debug line with its cause")
    func attempt() {
        let entry = JournalEntry(
            attemptFor: key(), endedAs: .ambiguous(AttemptFailure(code: "reset", detail: "Connection reset")),
            after: .seconds(2), at: EndpointID(rawValue: "c@https://id.example.com"),
            nextAttempt: midnight + .seconds(60))
        #expect(entry.level == .debug)
        #expect(entry.messageID == .attemptEnded)
        #expect(
            entry.message == "gmail: an attempt for alice ended as ambiguous: Connection reset (reset); "
                + "the next is at 2026-01-31T00:01:00.000Z.")
        #expect(
            entry.fields == [
                "TOOLAUTH_TOOL": "gmail", "TOOLAUTH_USER": "alice", "TOOLAUTH_OUTCOME": "ambiguous",
                "TOOLAUTH_ERROR": "reset", "TOOLAUTH_ENDPOINT": "c@https://id.example.com",
                "TOOLAUTH_DURATION_USEC": "2000000", "TOOLAUTH_NEXT_ATTEMPT": "2026-01-31T00:01:00.000Z",
            ])
    }

    private static let endpoint = EndpointID(tokenEndpoint: "https://id.example.com/token", clientID: "a@b")

    @Test("an endpoint of several tools has each of them as a field")
    func severalTools() {
        let tools = ["gmail", "calendar", "drive", "photos"].map { key($0).toolID }
        let recorder = LogRecorder()
        JournalEntry(.endpointFailing(Self.endpoint, of: tools, nil)).write(to: recorder.logger())
        #expect(recorder.messages.first?.hasPrefix("gmail and 3 other tools: https://id.example.com/token") == true)
        #expect(recorder.lines.first?.metadata["TOOLAUTH_TOOL"] == "[\"gmail\", \"calendar\", \"drive\", \"photos\"]")
    }

    @Test("an entry names the place where it was told, and a sum none")
    func places() {
        let event = ToolAuthEvent(.toolPaused, at: midnight, toolID: ToolID("slack"), detail: nil)
        #expect(JournalEntry(event).place?.file == "SystemdTests/JournalEntryTests.swift")
        #expect(JournalEntry(DaemonEvent.resumed).place?.function == "places()")
        #expect(JournalEntry(RefreshTally.Summary(toolID: key().toolID, count: 1)).place == nil)
    }

    @Test(
        "events of the daemon have their level, id and fields",
        arguments: [
            (.started(version: "1.2"), .started, .info, "toolauthd 1.2 is starting.", ["TOOLAUTH_VERSION": "1.2"]),
            (
                .ready(after: .milliseconds(80)), .ready, .info, "Ready after 80 ms.",
                ["TOOLAUTH_DURATION_USEC": "80000"]
            ),
            (.stopping(reason: "SIGTERM"), .stopping, .info, "Stopping: SIGTERM.", [:]),
            (
                .storeRefused(code: "tooNew", detail: "Newer."), .storeRefused, .critical, "Newer.",
                ["TOOLAUTH_ERROR": "tooNew"]
            ),
            (.configurationError(detail: "a.yaml:3: no"), .configurationError, .error, "a.yaml:3: no", [:]),
            (.internalError(detail: "x"), .internalError, .error, "Internal error: x", [:]),
            (
                .held(reason: "the store was made on another machine"), .held, .warning,
                "Refreshing is held: the store was made on another machine; valid tokens are served, and toolauthctl "
                    + "resume lets it go on.", [:]
            ),
            (.resumed, .resumed, .notice, "Refreshing goes on: an administrator ended the hold.", [:]),
            (
                .storeFailing(detail: "database or disk is full."), .storeFailing, .critical,
                "The store takes nothing that is written, so refreshes stand still: database or disk is full.", [:]
            ),
            (
                .storeRecovered, .storeRecovered, .notice,
                "The store takes what is written again, and refreshes go on.", [:]
            ),
            (
                .scanFailed(detail: "disk I/O error"), .scanFailed, .error,
                "The store could not be read for what is due: disk I/O error.", [:]
            ),
            (
                .recordFailing(key(), detail: "constraint failed", holdsTokens: true), .recordFailing, .critical,
                "gmail: the store does not take what is written of alice, whose new tokens are in memory alone: "
                    + "constraint failed.", ["TOOLAUTH_TOOL": "gmail", "TOOLAUTH_USER": "alice"]
            ),
            (
                .recordFailing(key(), detail: "constraint failed", holdsTokens: false), .recordFailing, .error,
                "gmail: the store does not take what is written of alice: constraint failed.",
                ["TOOLAUTH_TOOL": "gmail", "TOOLAUTH_USER": "alice"]
            ),
            (
                .endpointFailing(
                    Self.endpoint, of: [key().toolID], AttemptFailure(code: "connect", detail: "Connection refused.")),
                .endpointFailing, .warning,
                "gmail: https://id.example.com/token fails for every grant, so only probes go out: Connection refused "
                    + "(connect).",
                [
                    "TOOLAUTH_ENDPOINT": "a@b@https://id.example.com/token", "TOOLAUTH_TOOL": "gmail",
                    "TOOLAUTH_ERROR": "connect",
                ]
            ),
            (
                .endpointFailing(Self.endpoint, of: [], nil), .endpointFailing, .warning,
                "toolauthd: https://id.example.com/token fails for every grant, so only probes go out.",
                ["TOOLAUTH_ENDPOINT": "a@b@https://id.example.com/token"]
            ),
            (
                .endpointRecovered(
                    Self.endpoint, of: [key().toolID], after: Outages.Ended(duration: .seconds(3725), failed: 41)),
                .endpointRecovered, .notice,
                "gmail: https://id.example.com/token answers again after 1 h 2 min, in which 41 more grants could not be "
                    + "refreshed, and refreshes go on.",
                [
                    "TOOLAUTH_ENDPOINT": "a@b@https://id.example.com/token", "TOOLAUTH_TOOL": "gmail",
                    "TOOLAUTH_COUNT": "41", "TOOLAUTH_DURATION_USEC": "3725000000",
                ]
            ),
            (
                .endpointRecovered(Self.endpoint, of: [key().toolID], after: nil), .endpointRecovered, .notice,
                "gmail: https://id.example.com/token answers again, and refreshes go on.",
                ["TOOLAUTH_ENDPOINT": "a@b@https://id.example.com/token", "TOOLAUTH_TOOL": "gmail"]
            ),
            (
                .clockStepped(by: .seconds(-3600)), .clockStepped, .notice,
                "The clock was set back by 1 h; due times moved with it.", ["TOOLAUTH_STEP_USEC": "-3600000000"]
            ),
            (
                .clockStepped(by: .milliseconds(2500)), .clockStepped, .notice,
                "The clock was set forward by 2500 ms; due times moved with it.", ["TOOLAUTH_STEP_USEC": "2500000"]
            ),
            (
                .clockWasAhead(by: .seconds(86_400)), .clockWasAhead, .warning,
                "The clock was 1 d ahead when the store was last written; tokens obtained then are refreshed soon.",
                ["TOOLAUTH_STEP_USEC": "86400000000"]
            ),
            (
                .providerClockSkewed(endpoint: "c@https://id.example.com/token", by: .seconds(90)),
                .providerClockSkewed, .warning,
                "c@https://id.example.com/token: its clock is 1 min 30 s ahead of this machine's.",
                ["TOOLAUTH_ENDPOINT": "c@https://id.example.com/token", "TOOLAUTH_STEP_USEC": "90000000"]
            ),
            (
                .providerClockSkewed(endpoint: "c@https://id.example.com/token", by: .seconds(-61)),
                .providerClockSkewed, .warning,
                "c@https://id.example.com/token: its clock is 1 min 1 s behind this machine's.",
                ["TOOLAUTH_ENDPOINT": "c@https://id.example.com/token", "TOOLAUTH_STEP_USEC": "-61000000"]
            ),
        ] as [(DaemonEvent, MessageID, Logger.Level, String, [String: String])])
    func daemon(event: DaemonEvent, id: MessageID, level: Logger.Level, message: String, fields: [String: String]) {
        let entry = JournalEntry(event)
        #expect(entry.messageID == id)
        #expect(entry.level == level)
        #expect(entry.message == message)
        #expect(entry.fields == fields)
    }
}
