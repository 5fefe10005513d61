package import ToolAuthCore

/// Rings once at an instant of the wall clock, however the clock gets there.
package protocol WakeTimer: Sendable {
    /// Replaces what was armed before; nil disarms.
    func arm(at instant: Timestamp?)
}

/// Where events go. Called after what they tell of is stored, in order, and never to block.
package protocol EventSink: Sendable {
    func emit(_ event: ToolAuthEvent)
}
