package import ToolAuthCore

/// Makes foreign text fit for errors and journals.
package enum PlainText {
    /// The longest text let through, in Unicode scalars.
    package static let maximumLength = 200

    /// `text` on one line without control and formatting characters, cut at ``maximumLength``.
    package static func shown(_ text: String) -> String {
        clean(text, length: maximumLength)
    }

    /// As ``shown(_:)``; nil where nothing is left, or where the text repeats one of `secrets`, whole or a run of 12
    /// bytes, plain or encoded.
    package static func shown(_ text: String, withholding secrets: [Secret]) -> String? {
        // Looked at further than shown, so that a secret across the cut is seen whole.
        let clean = clean(text, length: 8 * maximumLength)
        let spellings = SecretSpellings(of: clean)
        guard !secrets.contains(where: spellings.contain) else { return nil }
        let shown = self.shown(clean)
        return shown.isEmpty ? nil : shown
    }

    private static func clean(_ text: String, length: Int) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(length) {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator:
                if result.last != " " { result.append(" ") }
            // Such as U+202E, which turns what follows around.
            case .format, .surrogate, .privateUse, .unassigned: continue
            default: result.append(scalar)
            }
        }
        return String(result.trimmed)
    }
}

extension String.UnicodeScalarView {
    fileprivate var trimmed: Substring.UnicodeScalarView {
        var rest = self[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
