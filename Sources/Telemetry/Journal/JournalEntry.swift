package import Logging

/// One line for the journal: how grave it is, a sentence for a person, and fields for programs.
package struct JournalEntry: Sendable, Equatable {
    package let messageID: MessageID
    package let level: Logger.Level
    /// One sentence on one line. Never a secret.
    package let message: String
    /// Values by ``JournalField``, without `MESSAGE_ID`.
    package private(set) var fields: [String: String] = [:]

    /// - Parameter message: control characters become spaces, and what is beyond 1000 characters is cut off: parts of
    ///   it may have come from a provider.
    package init(_ messageID: MessageID, _ level: Logger.Level, _ message: String) {
        self.messageID = messageID
        self.level = level
        self.message = oneLine(message, limit: 1000)
    }

    /// Sets a field; nil leaves it out.
    package mutating func set(_ field: String, _ value: String?) {
        guard let value else { return }
        fields[field] = value
    }

    /// Writes the line, if the logger's level admits it.
    package func write(to logger: Logger) {
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [JournalField.messageID: .string(messageID.rawValue)]
        for (field, value) in fields { metadata[field] = .string(value) }
        logger.log(level: level, "\(message)", metadata: metadata)
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
}
