package import Logging
package import ToolAuthCore

/// Writes log entries as logfmt, a line each, where there is no journal.
package struct LogfmtLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let writer: LineWriter
    private let clock: any WallClock
    private let threshold: LogThreshold
    private var ownLevel: Logger.Level?

    /// - Parameter threshold: the level, for as long as this handler is given none of its own.
    package init(writer: LineWriter, clock: any WallClock, threshold: LogThreshold) {
        self.writer = writer
        self.clock = clock
        self.threshold = threshold
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
        let fields = LogFields(event, metadata: metadata, provided: metadataProvider?.get(), identifier: "")
        write(fields, level: event.level)
    }

    func write(_ fields: LogFields, level: Logger.Level) {
        writer.write(Logfmt.line(fields, level: level, at: clock.now))
    }
}
