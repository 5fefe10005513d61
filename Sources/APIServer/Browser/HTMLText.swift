/// Text of others in HTML, in elements and in quoted attributes.
enum HTMLText {
    /// The longest text shown, in characters; the rest is left out.
    static let longest = 300

    /// `text` so that it is shown as itself and nothing else: markup is escaped, and what cannot be seen or would reorder its
    /// surroundings (controls, bidirectional overrides) becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        var count = 0
        for character in text {
            guard count < longest else { return result + "…" }
            count += 1
            // A character may be a base with any number of marks on it.
            for scalar in character.unicodeScalars.prefix(8) { append(scalar, to: &result) }
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "\"": result += "&quot;"
        case "'": result += "&#39;"
        case "\n", "\t": result += " "
        default: result.unicodeScalars.append(isShowable(scalar) ? scalar : "\u{fffd}")
        }
    }

    private static func isShowable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}
