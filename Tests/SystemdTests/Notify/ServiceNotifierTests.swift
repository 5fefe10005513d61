import Glibc
import Logging
import TestSupport
import Testing
import ToolAuthCore

@testable import Systemd

@Suite("Service notifier")
struct ServiceNotifierTests {
    private final class Manager: Sendable {
        let messages = Locked<[String]>([])
        let result = Locked<CInt>(1)
        let log = LogRecorder()

        var heard: [String] { messages.withLock { $0 } }

        func notifier() -> ServiceNotifier {
            ServiceNotifier(logger: log.logger()) { message in
                self.messages.withLock { $0.append(message) }
                return self.result.withLock { $0 }
            }
        }
    }

    private let manager = Manager()

    @Test("each notification is the assignment that sd_notify(3) names")
    func assignments() {
        let notifier = manager.notifier()
        notifier.ready()
        notifier.stopping()
        notifier.watchdog()
        notifier.failed(errno: ENOSPC)
        notifier.extendTimeout(by: .seconds(10))
        notifier.status("Serving 3 tools.")
        #expect(
            manager.heard == [
                "READY=1", "STOPPING=1", "WATCHDOG=1", "ERRNO=28", "EXTEND_TIMEOUT_USEC=10000000",
                "STATUS=Serving 3 tools.",
            ])
    }

    @Test(
        "an extension is never negative and never overflows",
        arguments: [
            (.seconds(-1), "0"), (.zero, "0"), (.milliseconds(1), "1000"), (.seconds(Int64.max), "9223372036854775807"),
        ] as [(Duration, String)])
    func extensions(duration: Duration, usec: String) {
        manager.notifier().extendTimeout(by: duration)
        #expect(manager.heard == ["EXTEND_TIMEOUT_USEC=\(usec)"])
    }

    @Test("reloading tells the monotonic clock in microseconds")
    func reloading() throws {
        manager.notifier().reloading()
        let lines = try #require(manager.heard.first).split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        let clockLine = try #require(lines.last)
        let usec = try #require(Int64(clockLine.dropFirst("MONOTONIC_USEC=".count)))
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        #expect(usec <= now && usec > now - 3_600_000_000)
    }

    @Test("a status is one line and makes no other assignment")
    func statusLine() {
        manager.notifier().status("Bad\nREADY=1\u{1b}")
        #expect(manager.heard == ["STATUS=Bad READY=1 "])
    }

    @Test("a status of any length is cut to a line")
    func longStatus() {
        manager.notifier().status(String(repeating: "a", count: 10_000))
        #expect(manager.heard.first?.count == "STATUS=".count + 401)
    }

    @Test("the same status is sent once, until another came between")
    func sameStatus() {
        let notifier = manager.notifier()
        for sentence in ["a", "a", "b", "a"] { notifier.status(sentence) }
        #expect(manager.heard == ["STATUS=a", "STATUS=b", "STATUS=a"])
    }

    @Test("a notification that cannot be sent is logged, and a lost status is sent again")
    func failure() {
        let notifier = manager.notifier()
        manager.result.withLock { $0 = -ECONNREFUSED }
        notifier.status("a")
        #expect(manager.log.messages == ["The service manager could not be told STATUS: Connection refused."])
        manager.result.withLock { $0 = 1 }
        notifier.status("a")
        #expect(manager.heard == ["STATUS=a", "STATUS=a"])
    }

    @Test("without a notification socket nothing is sent, and nothing fails")
    func noSocket() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            let log = LogRecorder()
            ServiceNotifier(logger: log.logger()).ready()
            exit(log.lines.isEmpty ? 0 : 1)
        }
    }

    @Test("notifications reach the socket that the environment names, one after the other")
    func realSocket() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let path = directory.file("notify")
            let listener = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0)
            var address = UnixSocketAddress(path)!
            guard address.bindPrivately(listener) == 0 else { exit(1) }
            setenv("NOTIFY_SOCKET", path, 1)
            let log = LogRecorder()
            let notifier = ServiceNotifier(logger: log.logger())
            notifier.ready()
            notifier.status("Serving.")
            var heard: [String] = []
            var bytes = [UInt8](repeating: 0, count: 4096)
            for _ in 0..<2 {
                let count = recv(listener, &bytes, bytes.count, CInt(MSG_DONTWAIT))
                guard count > 0 else { exit(2) }
                heard.append(String(decoding: bytes[..<count], as: UTF8.self))
            }
            guard heard == ["READY=1", "STATUS=Serving."], log.lines.isEmpty else { exit(3) }
            close(listener)
            notifier.watchdog()
            guard log.lines.count == 1 else { exit(4) }
            directory.remove()
            exit(0)
        }
    }
}
