import Glibc
package import Logging
package import ToolAuthCore

/// Where log entries go.
package enum LogDestination: Sendable, Equatable {
    /// To journald, with their fields.
    case journal
    /// To standard error, as logfmt.
    case standardError

    /// The journal if standard error is connected to it, as systemd says in `$JOURNAL_STREAM` (systemd.exec(5)): then
    /// whoever started the daemon looks there. The variable alone proves nothing, since children inherit it.
    package static func detect() -> LogDestination {
        var status = stat()
        guard fstat(STDERR_FILENO, &status) == 0 else { return .standardError }
        return choose(
            journalStream: environmentVariable("JOURNAL_STREAM"), device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino))
    }

    /// - Parameter journalStream: `DEVICE:INODE` in decimal.
    static func choose(journalStream: String?, device: UInt64, inode: UInt64) -> LogDestination {
        guard let parts = journalStream?.split(separator: ":", omittingEmptySubsequences: false), parts.count == 2,
            UInt64(parts[0]) == device, UInt64(parts[1]) == inode
        else { return .standardError }
        return .journal
    }

    /// A handler for a logger; all of them share `threshold`, and should share `writer`.
    package func handler(
        writer: LineWriter = LineWriter(descriptor: STDERR_FILENO), clock: any WallClock = SystemWallClock(),
        threshold: LogThreshold
    ) -> any LogHandler {
        let logfmt = LogfmtLogHandler(writer: writer, clock: clock, threshold: threshold)
        return switch self {
        case .journal: JournalLogHandler(identifier: "toolauthd", threshold: threshold, fallback: logfmt)
        case .standardError: logfmt
        }
    }
}
