import Logging
import Telemetry

/// What a log call becomes in the journal: pairs of name and value, `MESSAGE` first, in a fixed order.
struct LogFields: Equatable {
    private(set) var pairs: [Pair] = []

    struct Pair: Equatable {
        let name: String
        let value: String
    }

    /// - Parameter metadata: the handler's own; that of the event wins over it, and over both `provided` loses.
    init(_ event: LogEvent, metadata: Logger.Metadata, provided: Logger.Metadata?, identifier: String) {
        append("MESSAGE", event.message.description)
        append("PRIORITY", String(event.level.syslogPriority))
        append("SYSLOG_IDENTIFIER", identifier)

        var merged = provided ?? [:]
        merged.merge(metadata) { _, own in own }
        merged.merge(event.metadata ?? [:]) { _, own in own }
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            // The journal has fields that occur more than once: an entry is then found by each value.
            if case .array(let values) = value {
                for value in values { append(Self.fieldName(key), value.description) }
            } else {
                append(Self.fieldName(key), value.description)
            }
        }
        if let error = event.error, merged[JournalField.error] == nil {
            append(JournalField.error, String(describing: error))
        }
        // Sums are told by no place in particular.
        guard !event.file.isEmpty else { return }
        append("CODE_FILE", event.file)
        append("CODE_LINE", String(event.line))
        append("CODE_FUNC", event.function)
    }

    private mutating func append(_ name: String, _ value: String) {
        pairs.append(Pair(name: name, value: value))
    }

    /// The journal's name for a metadata key: the key itself where it is a valid field name that is not the handler's
    /// to set, else `TOOLAUTH_` and the key in capitals, with underscores for what a field name cannot hold.
    static func fieldName(_ key: String) -> String {
        if isFieldName(key), !reserved.contains(key) { return key }
        let capitals = key.utf8.prefix(maximumLength - JournalField.prefix.utf8.count).map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        return JournalField.prefix + String(decoding: capitals, as: UTF8.self)
    }

    /// Capitals, digits and underscores, at most 64, the first a capital; journald drops an entry's other fields
    /// silently (systemd.journal-fields(7)).
    private static func isFieldName(_ key: String) -> Bool {
        guard (1...maximumLength).contains(key.utf8.count), let first = key.utf8.first,
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
        else { return false }
        return key.utf8.allSatisfy {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "_")
        }
    }

    private static let maximumLength = 64
    private static let reserved: Set<String> = [
        "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "CODE_FILE", "CODE_LINE", "CODE_FUNC",
    ]
}

extension Logger.Level {
    /// The syslog priority, 7 (debug) to 2 (critical); alert and emergency are not a program's to claim.
    var syslogPriority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
