import Logging
import Telemetry
import ToolAuthCore

/// Log entries as logfmt: `time=… level=… msg="…"`, then the journal's fields in small letters and without the
/// `TOOLAUTH_` that all of ours begin with.
enum Logfmt {
    /// The line, with its newline.
    static func line(_ fields: LogFields, level: Logger.Level, at time: Timestamp) -> String {
        var line = "time=\(time) level=\(level)"
        for pair in fields.pairs {
            guard let key = key(pair.name) else { continue }
            line += " \(key)=\(quoted(pair.value))"
        }
        return line + "\n"
    }

    /// nil: the line says it already.
    private static func key(_ field: String) -> String? {
        switch field {
        case "MESSAGE": return "msg"
        case "PRIORITY", "SYSLOG_IDENTIFIER": return nil
        default:
            let name = field.hasPrefix(JournalField.prefix) ? String(field.dropFirst(JournalField.prefix.count)) : field
            return name.isEmpty ? field.lowercased() : name.lowercased()
        }
    }

    /// The value as it is, or between quotes where it holds what would end it. Nothing in it can begin a line or
    /// command a terminal: such characters are escaped as in JSON.
    static func quoted(_ value: String) -> String {
        if !value.isEmpty, value.unicodeScalars.allSatisfy(isBare) { return value }
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.isUnprintable:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }

    private static func isBare(_ scalar: Unicode.Scalar) -> Bool {
        scalar != "\"" && scalar != "=" && scalar != "\\" && !scalar.isUnprintable && !scalar.properties.isWhitespace
    }
}
