package import ToolAuthCore

/// An instant as the clocks show it.
package struct Moment: Sendable, Equatable {
    package let now: Timestamp
    /// nil: the clock cannot tell whether it was set.
    package let boot: BootReference?

    package init(_ now: Timestamp, boot: BootReference? = nil) {
        self.now = now
        self.boot = boot
    }

    package init(_ clock: any WallClock) {
        // The reference first: should the clock be set between the two, the next look notices it.
        boot = clock.boot
        now = clock.now
    }
}
