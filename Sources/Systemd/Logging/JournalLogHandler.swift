import CSystemd
import Glibc
package import Logging

/// Writes log entries to journald, with all their fields.
///
/// When journald does not take an entry, it goes to standard error as logfmt: under systemd that is the journal by
/// another way.
package struct JournalLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let identifier: String
    private let threshold: LogThreshold
    private var ownLevel: Logger.Level?
    private let fallback: LogfmtLogHandler
    private let send: @Sendable (UnsafePointer<iovec>, CInt) -> CInt

    /// - Parameters:
    ///   - identifier: `SYSLOG_IDENTIFIER`, what `journalctl -t` selects by.
    ///   - threshold: the level, for as long as this handler is given none of its own.
    ///   - fallback: where entries go that journald refuses.
    package init(identifier: String, threshold: LogThreshold, fallback: LogfmtLogHandler) {
        self.init(identifier: identifier, threshold: threshold, fallback: fallback) { sd_journal_sendv($0, $1) }
    }

    init(
        identifier: String, threshold: LogThreshold, fallback: LogfmtLogHandler,
        send: @escaping @Sendable (UnsafePointer<iovec>, CInt) -> CInt
    ) {
        self.identifier = identifier
        self.threshold = threshold
        self.fallback = fallback
        self.send = send
    }

    package var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let fields = LogFields(
            event, metadata: metadata, provided: metadataProvider?.get(), identifier: identifier)
        if submit(fields) < 0 { fallback.write(fields, level: event.level) }
    }

    /// Lays the fields out in one buffer as `NAME=value`, which is how the call wants them; values may hold anything.
    private func submit(_ fields: LogFields) -> CInt {
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        for pair in fields.pairs {
            let start = bytes.count
            bytes.append(contentsOf: pair.name.utf8)
            bytes.append(UInt8(ascii: "="))
            bytes.append(contentsOf: pair.value.utf8)
            ranges.append(start..<bytes.count)
        }
        return bytes.withUnsafeMutableBytes { buffer in
            let vectors = ranges.map { range in
                iovec(iov_base: buffer.baseAddress?.advanced(by: range.lowerBound), iov_len: range.count)
            }
            return vectors.withUnsafeBufferPointer { vectors in
                guard let first = vectors.baseAddress else { return 0 }
                return send(first, CInt(vectors.count))
            }
        }
    }
}
