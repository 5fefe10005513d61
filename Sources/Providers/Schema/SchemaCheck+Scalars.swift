import OAuth
import ToolAuthCore

extension SchemaCheck {
    static func scalar(_ value: YAMLValue, _ kind: ValueKind, key: String, _ log: inout ProblemLog) {
        guard case .scalar(let text, let isPlain) = value.content else {
            return log.error(at: value, key: key, "takes \(kind.expectation), not \(value.kindName)")
        }
        switch kind {
        case .text where text.isEmpty, .endpoint where text.isEmpty, .path where text.isEmpty:
            log.error(at: value, key: key, "is empty")
        case .text, .textOrEmpty, .scalar:
            refuseControls(text, at: value, key: key, &log)
        case .path:
            refuseControls(text, at: value, key: key, &log)
            if text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).contains(
                where: \.isEmpty)
            {
                log.error(at: value, key: key, "takes names with single dots between, not \(shown(text))")
            }
        case .template, .endpoint:
            refuseControls(text, at: value, key: key, &log)
            do throws(Template.SyntaxError) { _ = try Template(text) } catch {
                log.error(at: value, key: key, "\(error.detail)")
            }
        case .boolean:
            guard !isPlain || ScalarForms.boolean(text) == nil else { return }
            let isOldBoolean = ["yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
            let reason = isOldBoolean && isPlain ? " ('\(text)' is text in YAML 1.2)" : ""
            log.error(at: value, key: key, "takes true or false, not \(shown(text))\(reason)")
        case .choice(let known, let notSupported):
            choice(text, known, notSupported, at: value, key: key, &log)
        default:
            if !kind.admits(text) { log.error(at: value, key: key, "takes \(kind.expectation), not \(shown(text))") }
        }
    }

    private static func choice(
        _ text: String, _ known: [String], _ notSupported: [String], at value: YAMLValue, key: String,
        _ log: inout ProblemLog
    ) {
        if known.contains(where: { bytesEqual($0, text) }) { return }
        if notSupported.contains(where: { bytesEqual($0, text) }) {
            return log.error(at: value, key: key, "'\(text)' is not supported by this version")
        }
        let expectation = ValueKind.choice(known).expectation
        log.error(at: value, key: key, "takes \(expectation), not \(shown(text))\(suggestion(text, among: known))")
    }

    private static func refuseControls(_ text: String, at value: YAMLValue, key: String, _ log: inout ProblemLog) {
        if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) }) {
            log.error(at: value, key: key, "has a line break or another control character in it")
        }
    }

    /// What was written where a number or a word of a list was asked for, short enough for a sentence.
    private static func shown(_ text: String) -> String {
        let visible = text.unicodeScalars.filter { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
        let head = String(String.UnicodeScalarView(visible.prefix(24)))
        return "'\(head)\(visible.count > 24 ? "…" : "")'"
    }
}

extension ValueKind {
    /// What may stand here, for "takes X, not Y".
    var expectation: String {
        switch self {
        case .anything, .scalar: "a value"
        case .text, .textOrEmpty, .template, .endpoint, .path: "text"
        case .boolean: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.isLowerExcluded
                ? "a number above \(Self.short(range.lower)) and up to \(Self.short(range.upper))"
                : "a number from \(Self.short(range.lower)) to \(Self.short(range.upper))"
        case .duration(let range):
            "a duration from \(ScalarForms.text(range.lowerBound)) to \(ScalarForms.text(range.upperBound)), "
                + "such as 500ms, 30s, 10m, 12h or 7d"
        case .size(let range):
            "a size from \(range.lowerBound) to \(range.upperBound) bytes, such as 512, 64KiB or 1MiB"
        case .choice(let words, _):
            words.count < 2
                ? words.joined() : "\(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")"
        case .list: "a list"
        case .named, .namedOrNull, .map: "a map"
        case .either(let short, _): "\(short.expectation) or a map"
        case .oneOrMore(let element): "\(element.expectation) or a list"
        }
    }

    /// Whether a number, duration or size is well formed and in its range.
    fileprivate func admits(_ text: String) -> Bool {
        switch self {
        case .integer(let range): ScalarForms.integer(text).map(range.contains) ?? false
        case .number(let range): ScalarForms.number(text).map(range.contains) ?? false
        case .duration(let range): ScalarForms.duration(text).map(range.contains) ?? false
        case .size(let range): ScalarForms.size(text).map(range.contains) ?? false
        default: true
        }
    }

    private static func short(_ number: Double) -> String {
        number == number.rounded() ? "\(Int(number))" : "\(number)"
    }
}
