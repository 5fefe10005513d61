/// When a call must have ended; counts time asleep too.
struct CallDeadline: Sendable {
    private let instant: ContinuousClock.Instant

    init(_ timeout: Duration) {
        instant = .now + timeout
    }

    /// What is left in milliseconds, rounded up, as poll(2) takes it; nil: nothing is.
    var pollMilliseconds: Int32? {
        let left = instant - .now
        guard left > .zero else { return nil }
        let (seconds, attoseconds) = left.components
        let milliseconds = seconds.multipliedReportingOverflow(by: 1000)
        if milliseconds.overflow { return .max }
        return Int32(clamping: milliseconds.partialValue + attoseconds / 1_000_000_000_000_000 + 1)
    }
}
