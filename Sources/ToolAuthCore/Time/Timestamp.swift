/// An instant of the UTC wall clock, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Arithmetic saturates at the years 0001 and 9999: a provider that promises an expiry in 10¹⁸ seconds gets the far
/// end of the calendar, not a trap.
public struct Timestamp: Sendable, Hashable, Comparable {
    public let millisecondsSinceEpoch: Int64

    /// - Parameter millisecondsSinceEpoch: clamped to ``distantPast`` and ``distantFuture``.
    public init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = min(max(millisecondsSinceEpoch, Self.earliest), Self.latest)
    }

    /// - Parameter secondsSinceEpoch: saturating.
    public init(secondsSinceEpoch: Int64) {
        let (product, overflow) = secondsSinceEpoch.multipliedReportingOverflow(by: 1000)
        self.init(millisecondsSinceEpoch: overflow ? (secondsSinceEpoch < 0 ? .min : .max) : product)
    }

    /// 0001-01-01T00:00:00.000Z
    public static let distantPast = Timestamp(millisecondsSinceEpoch: earliest)
    /// 9999-12-31T23:59:59.999Z
    public static let distantFuture = Timestamp(millisecondsSinceEpoch: latest)

    private static let earliest: Int64 = -62_135_596_800_000
    private static let latest: Int64 = 253_402_300_799_999

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.millisecondsSinceEpoch < rhs.millisecondsSinceEpoch }

    public static func + (lhs: Self, rhs: Duration) -> Self {
        let (sum, overflow) = lhs.millisecondsSinceEpoch.addingReportingOverflow(rhs.wholeMilliseconds)
        return Timestamp(millisecondsSinceEpoch: overflow ? (rhs < .zero ? .min : .max) : sum)
    }

    public static func - (lhs: Self, rhs: Duration) -> Self { lhs + (.zero - rhs) }

    public static func - (lhs: Self, rhs: Self) -> Duration {
        .milliseconds(lhs.millisecondsSinceEpoch - rhs.millisecondsSinceEpoch)
    }
}

extension Duration {
    /// The duration in milliseconds, rounded towards negative infinity, saturating.
    public var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        var fraction = attoseconds / 1_000_000_000_000_000
        if attoseconds % 1_000_000_000_000_000 < 0 { fraction -= 1 }
        let (sum, overflow2) = product.addingReportingOverflow(fraction)
        return overflow2 ? (seconds < 0 ? .min : .max) : sum
    }

    /// The duration in seconds, for formulas and display.
    public var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
