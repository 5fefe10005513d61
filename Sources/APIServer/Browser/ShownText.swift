/// Text of others as a person may see it: all of it visible, in its own order, and not too long.
enum ShownText {
    /// The most characters shown unless another limit is given.
    static let limit = 300
    /// Marks on one base: more than any script needs, too few to climb over the lines around.
    private static let maximumMarks = 4
    /// One character of the Unicode algorithm can go on for ever; the longest emoji have ten scalars.
    private static let maximumScalars = 16

    /// `text` on one line, cut after `limit` characters with an ellipsis. A line break becomes a space; what cannot be
    /// seen, or would turn around what is next to it (controls, bidirectional overrides), becomes U+FFFD.
    static func of(_ text: String, limit: Int = limit) -> String {
        var result = String.UnicodeScalarView()
        for (position, character) in text.enumerated() {
            guard position < limit else {
                result.append("…")
                break
            }
            append(character, to: &result)
        }
        return String(result)
    }

    private static func append(_ character: Character, to result: inout String.UnicodeScalarView) {
        // Written with two scalars, it is one character.
        if character == "\r\n" { return result.append(" ") }
        var marks = 0
        for scalar in character.unicodeScalars.prefix(maximumScalars) {
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark:
                marks += 1
                if marks <= maximumMarks { result.append(visible(scalar)) }
            default: result.append(visible(scalar))
            }
        }
    }

    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "\n", "\r", "\t", "\u{85}", "\u{2028}", "\u{2029}": " "
        // Persian and the scripts of India cannot be written without joiners, nor emoji without selectors. They turn
        // nothing around.
        case "\u{200c}", "\u{200d}", "\u{fe0e}", "\u{fe0f}": scalar
        case _ where scalar.properties.isDefaultIgnorableCodePoint: "\u{fffd}"
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned: "\u{fffd}"
            default: scalar
            }
        }
    }
}
