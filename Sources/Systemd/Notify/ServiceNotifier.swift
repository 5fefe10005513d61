import CSystemd
import Glibc
package import Logging
import Telemetry
import ToolAuthCore

/// Tells the service manager how the daemon is (sd_notify(3)); does nothing where there is none, that is, without
/// `$NOTIFY_SOCKET`.
package final class ServiceNotifier: Sendable {
    private let logger: Logger
    private let send: @Sendable (String) -> CInt
    private let lastStatus = Locked<String?>(nil)

    /// - Parameter logger: hears of notifications that could not be sent.
    package convenience init(logger: Logger) {
        // 0: the environment stays, for the next call.
        self.init(logger: logger) { sd_notify(0, $0) }
    }

    /// - Parameter send: returns a negative errno when it fails.
    init(logger: Logger, send: @escaping @Sendable (String) -> CInt) {
        self.logger = logger
        self.send = send
    }

    /// The daemon serves; also said at the end of a reload, whether or not it was refused.
    package func ready() {
        notify("READY=1")
    }

    /// One true sentence on what the daemon is doing, for `systemctl status`. Saying the same again sends nothing.
    package func status(_ sentence: String) {
        let line = oneLine(sentence, limit: 400)
        lastStatus.withLock { last in
            if last == line { return }
            // Under the lock, so that of two sentences the later one is shown.
            last = notify("STATUS=\(line)") ? line : nil
        }
    }

    /// The daemon takes no more requests and is about to end.
    package func stopping() {
        notify("STOPPING=1")
    }

    /// The configuration is being read again; ``ready()`` follows in any case.
    package func reloading() {
        notify("RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicUsec())")
    }

    /// Starting or stopping takes longer: the manager waits for `duration` from now, or until the next extension.
    package func extendTimeout(by duration: Duration) {
        let usec = max(0, duration.wholeMilliseconds).multipliedReportingOverflow(by: 1000)
        notify("EXTEND_TIMEOUT_USEC=\(usec.overflow ? Int64.max : usec.partialValue)")
    }

    /// The errno the daemon ends with, for `systemctl status`.
    package func failed(errno code: CInt) {
        notify("ERRNO=\(code)")
    }

    /// The daemon is alive. Only ``Watchdog`` should say so.
    package func watchdog() {
        notify("WATCHDOG=1")
    }

    @discardableResult
    private func notify(_ message: String) -> Bool {
        let result = send(message)
        if result < 0 {
            let variable = String(message.prefix { $0 != "=" })
            logger.tell(.managerNotTold(variable: variable, detail: errorText(-result)))
        }
        return result >= 0
    }

    private static func monotonicUsec() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
