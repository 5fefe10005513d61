/// The name of a tool as the administrator configured it: `[a-z0-9][a-z0-9_-]{0,63}`.
///
/// Compares and hashes as bytes; since only ASCII is admitted, that is also what `String` would do.
public struct ToolID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The id as text, exactly as given.
    public let rawValue: String

    /// - Returns: nil unless `rawValue` matches `[a-z0-9][a-z0-9_-]{0,63}`.
    public init?(_ rawValue: String) {
        let bytes = rawValue.utf8
        guard (1...64).contains(bytes.count), let first = bytes.first, Self.isLowercaseOrDigit(first),
            bytes.allSatisfy({ Self.isLowercaseOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.rawValue = rawValue
    }

    public var description: String { rawValue }

    public static func < (lhs: Self, rhs: Self) -> Bool { bytesPrecede(lhs.rawValue, rhs.rawValue) }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
