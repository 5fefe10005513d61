/// Tells the time of day. Injected wherever time matters, so that tests turn the hands.
public protocol WallClock: Sendable {
    /// The present instant of UTC.
    var now: Timestamp { get }

    /// How `now` relates to the time since the machine was started; nil: this clock cannot tell, and steps of it go
    /// unnoticed.
    var boot: BootReference? { get }
}

extension WallClock {
    public var boot: BootReference? { nil }
}
