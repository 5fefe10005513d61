/// A pattern of access rules for ids: `*` stands for any bytes, also none, and `?` for any one byte; `=alice` is the id
/// `alice`, whatever is in it. Compared as bytes, so that no two spellings of one text are the same (as ids are).
package struct ByteGlob: Sendable, Hashable, CustomStringConvertible {
    private static let star = UInt8(ascii: "*")
    private static let mark = UInt8(ascii: "?")

    /// As it was written.
    package let pattern: String
    private let bytes: [UInt8]
    private let isLiteral: Bool

    package init(_ pattern: String) {
        self.pattern = pattern
        let isMarked = pattern.utf8.first == UInt8(ascii: "=")
        bytes = Array(isMarked ? pattern.utf8.dropFirst() : pattern.utf8[...])
        isLiteral = isMarked || !bytes.contains { $0 == Self.star || $0 == Self.mark }
    }

    package var description: String { pattern }

    package static func == (lhs: Self, rhs: Self) -> Bool { bytesEqual(lhs.pattern, rhs.pattern) }
    package func hash(into hasher: inout Hasher) { hashBytes(of: pattern, into: &hasher) }

    /// The only id it matches; nil: it may match several.
    package var literal: String? { isLiteral ? String(decoding: bytes, as: UTF8.self) : nil }

    /// Whether every id matches.
    package var matchesAll: Bool { !isLiteral && bytes.allSatisfy { $0 == Self.star } }

    /// In time that grows with the product of both lengths at worst, never beyond.
    package func matches(_ text: String) -> Bool {
        let text = Array(text.utf8)
        if isLiteral { return text == bytes }
        var position = 0
        var index = 0
        // Where the last star stood, and up to where it has eaten: on a mismatch it eats one byte more.
        var retry: (index: Int, position: Int)?
        while position < text.count {
            if index < bytes.count, bytes[index] == Self.star {
                retry = (index, position)
                index += 1
            } else if index < bytes.count, bytes[index] == Self.mark || bytes[index] == text[position] {
                index += 1
                position += 1
            } else if let last = retry {
                retry = (last.index, last.position + 1)
                index = last.index + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return bytes[index...].allSatisfy { $0 == Self.star }
    }
}
