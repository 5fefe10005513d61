import Refresh
import Systemd
import ToolAuthCore

/// The engine's timer, which hears of the clock being set too: each is a reason to look what is due.
final class WallClockWakeTimer: WakeTimer {
    private let timer: WallClockTimer

    /// - Throws: when the kernel gives no timer.
    init() throws(WallClockTimerError) {
        timer = try WallClockTimer()
    }

    /// What to do when it rings, or the clock was set. Set once, before the first ``arm(at:)``.
    func onWake(_ handler: @escaping @Sendable () -> Void) {
        timer.onRing(handler)
        timer.onClockSet(handler)
    }

    func arm(at instant: Timestamp?) { timer.arm(at: instant) }
}
