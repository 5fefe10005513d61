package import ToolAuthCore

/// Rings once at an instant of the wall clock, however the clock gets there.
package protocol WakeTimer: Sendable {
    /// Replaces what was armed before; nil disarms.
    func arm(at instant: Timestamp?)
}
