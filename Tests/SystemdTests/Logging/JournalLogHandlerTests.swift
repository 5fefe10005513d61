import CSystemd
import Glibc
import Logging
import TestSupport
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Journal log handler")
struct JournalLogHandlerTests {
    @Test("every field is sent as NAME=value, newlines and all")
    func fields() {
        let sent = Locked<[String]>([])
        let handler = JournalLogHandler(
            identifier: "toolauthd", threshold: LogThreshold(.info), fallback: fallback(descriptor: -1)
        ) { vectors, count in
            let parts = UnsafeBufferPointer(start: vectors, count: Int(count)).map {
                String(decoding: UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len), as: UTF8.self)
            }
            sent.withLock { $0 = parts }
            return 0
        }
        let logger = Logger(label: "test") { _ in handler }
        let line = #line + 1
        logger.notice("one\ntwo", metadata: ["TOOLAUTH_TOOL": "gmail", "empty": ""])
        #expect(
            sent.withLock { $0 } == [
                "MESSAGE=one\ntwo", "PRIORITY=5", "SYSLOG_IDENTIFIER=toolauthd", "TOOLAUTH_TOOL=gmail",
                "TOOLAUTH_EMPTY=", "CODE_FILE=\(#fileID)", "CODE_LINE=\(line)", "CODE_FUNC=fields()",
            ])
    }

    @Test("what journald refuses, or is not there to take, goes to standard error", arguments: [EMSGSIZE, ENOENT])
    func refused(error: CInt) throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let file = open(directory.file("log"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(file) }
        let handler = JournalLogHandler(
            identifier: "toolauthd", threshold: LogThreshold(.info), fallback: fallback(descriptor: file)
        ) { _, _ in -error }
        Logger(label: "test") { _ in handler }.error("still heard")
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = pread(file, &bytes, bytes.count, 0)
        #expect(String(decoding: bytes[..<count], as: UTF8.self).contains("level=error msg=\"still heard\""))
    }

    private func fallback(descriptor: CInt) -> LogfmtLogHandler {
        LogfmtLogHandler(
            writer: LineWriter(descriptor: descriptor), clock: ManualWallClock(), threshold: LogThreshold(.info))
    }
}

@Suite("Log destination")
struct LogDestinationTests {
    @Test(
        "the journal is chosen only if standard error is the stream that systemd names",
        arguments: [
            ("8:1234", .journal), (nil, .standardError), ("", .standardError), ("8:1235", .standardError),
            ("9:1234", .standardError), ("8", .standardError), ("8:1234:5", .standardError),
            ("8:", .standardError), ("x:y", .standardError), ("-8:1234", .standardError),
        ] as [(String?, LogDestination)])
    func choice(stream: String?, destination: LogDestination) {
        #expect(LogDestination.choose(journalStream: stream, device: 8, inode: 1234) == destination)
    }

    @Test("standard error is compared with the stream that the environment names")
    func detection() async {
        await #expect(processExitsWith: .success) {
            var status = stat()
            #expect(fstat(STDERR_FILENO, &status) == 0)
            setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino)", 1)
            guard LogDestination.detect() == .journal else { exit(1) }
            setenv("JOURNAL_STREAM", "\(status.st_dev):\(status.st_ino + 1)", 1)
            guard LogDestination.detect() == .standardError else { exit(2) }
            close(STDERR_FILENO)
            guard LogDestination.detect() == .standardError else { exit(3) }
            exit(0)
        }
    }
}
