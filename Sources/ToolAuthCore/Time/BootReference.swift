/// What the wall clock was ahead of the time since the machine was started, when an instant was read.
///
/// The boot-time clock counts suspends and is never set, so within one boot the difference changes exactly when somebody
/// sets the wall clock. An instant read before a step means, after it, the same instant plus the change.
public struct BootReference: Sendable, Hashable {
    /// Which start of the machine, from its random boot id.
    public let bootID: Int64
    /// Wall clock minus boot-time clock, in milliseconds.
    public let offset: Int64

    /// A difference smaller than this is rounding, not a step.
    public static let tolerance: Duration = .seconds(1)

    public init(bootID: Int64, offset: Int64) {
        self.bootID = bootID
        self.offset = offset
    }

    /// How far the wall clock was set since `earlier`; nil: not at all, or that was another boot.
    public func step(since earlier: BootReference) -> Duration? {
        guard bootID == earlier.bootID else { return nil }
        let step = Duration.milliseconds(offset - earlier.offset)
        return step >= Self.tolerance || step <= .zero - Self.tolerance ? step : nil
    }
}
