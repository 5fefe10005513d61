import Logging
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Log fields")
struct LogFieldsTests {
    private func event(
        _ level: Logger.Level = .info, _ message: Logger.Message = "hello", error: (any Error)? = nil,
        _ metadata: Logger.Metadata? = nil
    ) -> LogEvent {
        LogEvent(
            level: level, message: message, error: error, metadata: metadata, source: nil, file: "Module/File.swift",
            function: "run()", line: 12)
    }

    private func fields(_ event: LogEvent) -> [LogFields.Pair] {
        LogFields(event, metadata: [:], provided: nil, identifier: "toolauthd").pairs
    }

    @Test("an entry has message, priority, identifier and the place of the call")
    func fixed() {
        #expect(
            fields(event()) == [
                .init(name: "MESSAGE", value: "hello"), .init(name: "PRIORITY", value: "6"),
                .init(name: "SYSLOG_IDENTIFIER", value: "toolauthd"),
                .init(name: "CODE_FILE", value: "Module/File.swift"), .init(name: "CODE_LINE", value: "12"),
                .init(name: "CODE_FUNC", value: "run()"),
            ])
    }

    @Test(
        "levels are syslog priorities",
        arguments: [
            (.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
        ] as [(Logger.Level, Int)])
    func priorities(level: Logger.Level, priority: Int) {
        #expect(level.syslogPriority == priority)
        #expect(fields(event(level)).contains(.init(name: "PRIORITY", value: String(priority))))
    }

    @Test(
        "metadata keys become field names",
        arguments: [
            ("MESSAGE_ID", "MESSAGE_ID"), ("TOOLAUTH_TOOL", "TOOLAUTH_TOOL"), ("X1", "X1"),
            ("tool", "TOOLAUTH_TOOL"), ("hb.request.id", "TOOLAUTH_HB_REQUEST_ID"), ("_PID", "TOOLAUTH__PID"),
            ("1ST", "TOOLAUTH_1ST"), ("", "TOOLAUTH_"), ("a=b\nMESSAGE", "TOOLAUTH_A_B_MESSAGE"),
            ("é", "TOOLAUTH___"), ("MESSAGE", "TOOLAUTH_MESSAGE"), ("PRIORITY", "TOOLAUTH_PRIORITY"),
            ("SYSLOG_IDENTIFIER", "TOOLAUTH_SYSLOG_IDENTIFIER"), ("CODE_FILE", "TOOLAUTH_CODE_FILE"),
            (String(repeating: "A", count: 64), String(repeating: "A", count: 64)),
            (String(repeating: "A", count: 65), "TOOLAUTH_" + String(repeating: "A", count: 55)),
        ])
    func names(key: String, name: String) {
        #expect(LogFields.fieldName(key) == name)
    }

    @Test("a list is one field for each value, and an entry without a place has no field for it")
    func lists() {
        let event = LogEvent(
            level: .info, message: "hello", error: nil,
            metadata: ["TOOLAUTH_TOOL": .array([.string("gmail"), .string("slack")])], source: nil, file: "",
            function: "", line: 0)
        #expect(
            fields(event).dropFirst(3).map { "\($0.name)=\($0.value)" } == [
                "TOOLAUTH_TOOL=gmail", "TOOLAUTH_TOOL=slack",
            ])
    }

    @Test("the event's metadata wins over the handler's, and that over the provider's")
    func precedence() {
        let fields = LogFields(
            event(.info, "x", ["A": "event"]), metadata: ["A": "handler", "B": "handler"],
            provided: ["A": "provider", "B": "provider", "C": "provider"], identifier: "")
        let own = fields.pairs.filter { ["A", "B", "C"].contains($0.name) }
        #expect(own.map(\.value) == ["event", "handler", "provider"])
    }

    @Test("structured values are text")
    func structured() {
        let all = fields(event(.info, "x", ["A": .dictionary(["b": "c"]), "N": .stringConvertible(3)]))
        #expect(all.contains(.init(name: "N", value: "3")))
        #expect(all.contains { $0.name == "A" && $0.value.contains("b") && $0.value.contains("c") })
    }

    @Test("an error is a field, unless the event names it already")
    func errors() {
        let failure = AttemptFailure(code: "timeout", detail: "late")
        #expect(fields(event(error: failure)).contains { $0.name == "TOOLAUTH_ERROR" && $0.value.contains("late") })
        let named = fields(event(error: failure, ["TOOLAUTH_ERROR": "timeout"]))
        #expect(named.filter { $0.name == "TOOLAUTH_ERROR" } == [.init(name: "TOOLAUTH_ERROR", value: "timeout")])
    }

    @Test("a secret does not show, whichever way it gets into a log call")
    func secrets() {
        let secret = Secret("canary-7f3a")
        let all = fields(
            event(
                .info, "token \(secret)",
                ["A": .stringConvertible(secret), "B": "\(secret)", "C": .string(String(reflecting: secret))]))
        #expect(all.allSatisfy { !$0.value.contains("canary") })
        #expect(all.filter { $0.value.contains("‹redacted›") }.count == 4)
    }
}
