/// Tells the time of day. Injected wherever time matters, so that tests turn the hands.
public protocol WallClock: Sendable {
    /// The present instant of UTC.
    var now: Timestamp { get }
}
