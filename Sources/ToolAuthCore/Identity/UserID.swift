/// Whose grant it is: 1–255 bytes of UTF-8 without control characters, neither `.` nor `..`.
///
/// Two ids are the same only if their bytes are. `String ==` would treat `jose\u{301}` and `jos\u{e9}` as one user
/// (canonical equivalence) and hand one person's tokens to another.
public struct UserID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The id as text, exactly as given, never normalized.
    public let rawValue: String

    /// - Returns: nil unless `rawValue` is 1–255 bytes long, has no control character (C0, DEL, C1) and is neither `.`
    ///   nor `..`.
    public init?(_ rawValue: String) {
        guard (1...255).contains(rawValue.utf8.count), rawValue != ".", rawValue != "..",
            rawValue.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) })
        else { return nil }
        self.rawValue = rawValue
    }

    public var description: String { rawValue }

    public static func == (lhs: Self, rhs: Self) -> Bool { bytesEqual(lhs.rawValue, rhs.rawValue) }
    public static func < (lhs: Self, rhs: Self) -> Bool { bytesPrecede(lhs.rawValue, rhs.rawValue) }

    public func hash(into hasher: inout Hasher) { hashBytes(of: rawValue, into: &hasher) }
}
