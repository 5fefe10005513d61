/// `text` fit to be shown: characters that move the cursor, change colours, reorder or hide what stands beside them are
/// written out (`\x1b`, `\u{202e}`).
///
/// User ids and error texts come from elsewhere; without this, one of them could rewrite the screen it is shown on.
func terminalSafe(_ text: String) -> String {
    var safe = ""
    safe.unicodeScalars.reserveCapacity(text.unicodeScalars.count)
    for scalar in text.unicodeScalars {
        if isShowable(scalar) {
            safe.unicodeScalars.append(scalar)
        } else if scalar.value < 0x100 {
            let digits = String(scalar.value, radix: 16)
            safe += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
        } else {
            safe += "\\u{" + String(scalar.value, radix: 16) + "}"
        }
    }
    return safe
}

/// Whether a character shows as itself and changes nothing around it.
func isShowable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
    default: true
    }
}

/// How many columns of a terminal `text` takes, as well as can be known without asking it.
func displayWidth(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + displayWidth($1) }
}

private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
    }
}

/// The blocks whose characters are Wide or Fullwidth (Unicode Standard Annex 11), coarsely.
private let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
    0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f,
    0x1f680...0x1f6ff, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
]

/// `text` in at most `width` columns, an ellipsis for what did not fit.
func truncated(_ text: String, to width: Int) -> String {
    if displayWidth(text) <= width { return text }
    if width < 1 { return "" }
    var kept = ""
    var used = 0
    for character in text {
        used += displayWidth(String(character))
        if used > width - 1 { break }
        kept.append(character)
    }
    return kept + "…"
}

/// `text` in lines of at most `width` columns, broken between words where that can be done.
///
/// - Parameter width: nil: it is not broken.
func wrapped(_ text: String, to width: Int?) -> [String] {
    guard let width, displayWidth(text) > width else { return [text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        let longer = line.isEmpty ? String(word) : "\(line) \(word)"
        if line.isEmpty || displayWidth(longer) <= width {
            line = longer
        } else {
            lines.append(line)
            line = String(word)
        }
    }
    return lines + [line]
}
