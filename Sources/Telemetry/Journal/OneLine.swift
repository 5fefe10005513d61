/// `text` on one line: every control character, line separator and direction mark a space, and no more than `limit`
/// characters. Text of foreign origin can then neither begin a line of its own nor command a terminal.
package func oneLine(_ text: String, limit: Int) -> String {
    var line = ""
    var count = 0
    for character in text {
        guard count < limit else { return line + "…" }
        count += 1
        if character.unicodeScalars.contains(where: \.isUnprintable) {
            line.append(" ")
        } else {
            line.append(character)
        }
    }
    return line
}

extension Unicode.Scalar {
    /// Whether showing it does something else than draw: controls (C0, DEL, C1), line and paragraph separators, and the
    /// marks that turn the direction of what follows.
    package var isUnprintable: Bool {
        switch value {
        case 0...0x1f, 0x7f...0x9f, 0x61c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }
}
