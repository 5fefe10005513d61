package import Logging
package import ToolAuthCore

/// One line for the journal: how grave it is, a sentence for a person, and fields for programs.
package struct JournalEntry: Sendable, Equatable {
    package let messageID: MessageID
    package private(set) var level: Logger.Level
    /// One sentence on one line. Never a secret.
    package let message: String
    /// Values by ``JournalField``, without `MESSAGE_ID`.
    package private(set) var fields: [String: String] = [:]
    /// The tools it is about, where they are several: then each is a `TOOLAUTH_TOOL`.
    package private(set) var tools: [ToolID] = []
    /// Where it was told; nil: by nobody in particular, as sums are.
    package let place: SourcePlace?

    /// More tools than these are not named one by one.
    private static let mostTools = 100

    /// - Parameter message: control characters become spaces, and what is beyond 1000 characters is cut off: parts of
    ///   it may have come from a provider.
    package init(_ messageID: MessageID, _ level: Logger.Level, _ message: String, at place: SourcePlace? = nil) {
        self.messageID = messageID
        self.level = level
        self.message = oneLine(message, limit: 1000)
        self.place = place
    }

    /// Sets a field; nil leaves it out.
    package mutating func set(_ field: String, _ value: String?) {
        guard let value else { return }
        fields[field] = value
    }

    /// Sets the tools it is about.
    package mutating func set(tools: [ToolID]) {
        if tools.count == 1 { set(JournalField.tool, tools[0].rawValue) } else { self.tools = tools }
    }

    /// The same for those who want to see everything.
    package var forDebugging: JournalEntry {
        var entry = self
        entry.level = .debug
        return entry
    }

    /// Writes the line, if the logger's level admits it.
    package func write(to logger: Logger) {
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [JournalField.messageID: .string(messageID.rawValue)]
        for (field, value) in fields { metadata[field] = .string(value) }
        if !tools.isEmpty {
            metadata[JournalField.tool] = .array(tools.prefix(Self.mostTools).map { .string($0.rawValue) })
        }
        logger.log(
            level: level, "\(message)", metadata: metadata, file: place?.file ?? "", function: place?.function ?? "",
            line: place?.line ?? 0)
    }
}

extension Collection<ToolID> {
    /// What a sentence about them begins with.
    var sentenceSubject: String {
        guard let first else { return "toolauthd" }
        if count > 3 { return "\(first) and \(count - 1) other tools" }
        return map(\.rawValue).joined(separator: ", ")
    }
}

extension Duration {
    /// Whole microseconds in decimal, as the `_USEC` fields hold them; negative ones count as none.
    var usecField: String {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return "0" }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow2) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return String(overflow || overflow2 ? .max : sum)
    }

    /// As ``usecField``, with its sign.
    var signedUsecField: String {
        self < .zero ? "-\((.zero - self).usecField)" : usecField
    }

    /// Its length for a person: in milliseconds below ten seconds, else in two units at most.
    var inWords: String {
        let milliseconds = wholeMilliseconds.magnitude
        if milliseconds < 10_000 { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1000
        for (unit, name, lesser, lesserName) in [
            (86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"),
        ] as [(UInt64, String, UInt64, String)] where seconds >= unit {
            let rest = seconds % unit / lesser
            return rest == 0 ? "\(seconds / unit) \(name)" : "\(seconds / unit) \(name) \(rest) \(lesserName)"
        }
        return "\(seconds) s"
    }
}
