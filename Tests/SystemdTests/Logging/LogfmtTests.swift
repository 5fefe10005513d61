import Dispatch
import Glibc
import Logging
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Logfmt")
struct LogfmtTests {
    @Test(
        "values are quoted where they must be, and can neither end their line nor command a terminal",
        arguments: [
            ("plain", "plain"), ("auth.refreshed", "auth.refreshed"), ("jos\u{e9}", "jos\u{e9}"), ("", "\"\""),
            ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("back\\slash", "\"back\\\\slash\""), ("a\nlevel=error", "\"a\\nlevel=error\""),
            ("a\r\nb", "\"a\\r\\nb\""), ("tab\there", "\"tab\\there\""), ("\u{1b}[31m", "\"\\u001b[31m\""),
            ("\0", "\"\\u0000\""), ("\u{7f}", "\"\\u007f\""), ("\u{9b}2J", "\"\\u009b2J\""),
            ("a\u{2028}b", "\"a\\u2028b\""), ("\u{202e}txt", "\"\\u202etxt\""), ("\u{a0}", "\"\u{a0}\""),
        ])
    func quoting(value: String, text: String) {
        #expect(Logfmt.quoted(value) == text)
    }

    @Test("a line has time, level and message first, then the fields in small letters")
    func line() {
        let event = LogEvent(
            level: .warning, message: "could not", error: nil,
            metadata: ["TOOLAUTH_TOOL": "gmail", "MESSAGE_ID": "d87f", "hb.id": "4"], source: nil,
            file: "Module/File.swift", function: "run()", line: 12)
        let fields = LogFields(event, metadata: [:], provided: nil, identifier: "toolauthd")
        #expect(
            Logfmt.line(fields, level: .warning, at: midnight)
                == "time=2026-01-31T00:00:00.000Z level=warning msg=\"could not\" message_id=d87f tool=gmail hb_id=4 "
                + "code_file=Module/File.swift code_line=12 code_func=run()\n")
    }

    @Test("the handler writes one line an entry, at the levels its threshold admits")
    func handler() {
        let (reader, writer) = pipePair()
        defer { close(reader) }
        let threshold = LogThreshold(.info)
        let logger = Logger(label: "test") { _ in
            LogDestination.standardError.handler(
                writer: LineWriter(descriptor: writer), clock: ManualWallClock(), threshold: threshold)
        }
        logger.debug("left out")
        logger.info("one\ntwo")
        threshold.level = .debug
        logger.debug("three")
        close(writer)
        let lines = readAll(reader).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("time=2026-01-31T00:00:00.000Z level=info msg=\"one\\ntwo\" code_file=") == true)
        #expect(lines.last?.contains("level=debug msg=three ") == true)
    }

    @Test("a logger with a level of its own does not follow the threshold")
    func ownLevel() {
        let threshold = LogThreshold(.info)
        var logger = Logger(label: "test") { _ in LogDestination.journal.handler(threshold: threshold) }
        logger.logLevel = .error
        threshold.level = .trace
        #expect(logger.logLevel == .error)
    }

    @Test("lines of many writers do not mix, however long they are and however slow the reader is")
    func concurrentWriters() async {
        let (reader, writer) = pipePair()
        // A full pipe answers EAGAIN: the writer has to wait for the reader.
        _ = setNonBlocking(writer)
        let lines = LineWriter(descriptor: writer)
        // A thread of its own: the writers may hold all those of the concurrency pool.
        async let text = withCheckedContinuation { continuation in
            DispatchQueue(label: "reader").async { continuation.resume(returning: readAll(reader)) }
        }
        await withTaskGroup { group in
            for letter in "abcd" {
                group.addTask {
                    for _ in 0..<20 { lines.write(String(repeating: letter, count: 20_000) + "\n") }
                }
            }
        }
        close(writer)
        let read = await text.split(separator: "\n")
        close(reader)
        #expect(read.count == 80)
        #expect(read.allSatisfy { $0.count == 20_000 && Set($0).count == 1 })
    }

    @Test("a line that cannot be written is given up")
    func closedDescriptor() {
        LineWriter(descriptor: -1).write("nobody reads this\n")
    }
}

private func pipePair() -> (reader: CInt, writer: CInt) {
    var pair: [CInt] = [-1, -1]
    precondition(pipe(&pair) == 0)
    return (pair[0], pair[1])
}

private func setNonBlocking(_ descriptor: CInt) -> CInt {
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

private func readAll(_ descriptor: CInt) -> String {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count <= 0 { return String(decoding: all, as: UTF8.self) }
        all += chunk[..<count]
    }
}
