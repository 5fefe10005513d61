import CSystemd
import Glibc
import ToolAuthCore

/// A timer of the kernel on the wall clock, closed when nobody refers to it any more.
final class TimerDescriptor: Sendable {
    let number: CInt

    /// Armed for the far end of time: what the kernel refuses, it refuses here.
    init() throws(WallClockTimerError) {
        number = toolauth_wall_timer_make()
        if number < 0 { throw WallClockTimerError(errno: -number) }
        let result = toolauth_wall_timer_arm(number, Self.expiry(at: nil))
        if result < 0 { throw WallClockTimerError(errno: -result) }
    }

    // Negative after a failed initialization.
    deinit { if number >= 0 { close(number) } }

    /// Arms it anew, and forgets an expiry that was not read.
    ///
    /// - Parameter instant: nil: the far end of time, since a timer that is not armed would not notice that the clock
    ///   is set.
    /// - Returns: whether the clock was set since it was armed before; then no read says so any more.
    func arm(at instant: Timestamp?) -> Bool {
        let result = toolauth_wall_timer_arm(number, Self.expiry(at: instant))
        // The same call succeeded before; only another instant is asked for, and each one is valid.
        precondition(result == 0 || result == -ECANCELED, "a timer cannot be armed: \(errorText(-result))")
        return result == -ECANCELED
    }

    /// Does not wait.
    func read() -> TimerReading {
        var expirations: UInt64 = 0
        let count = retryingInterrupts { Glibc.read(number, &expirations, MemoryLayout.size(ofValue: expirations)) }
        return TimerReading(count: count, error: count < 0 ? errno : 0)
    }

    /// An instant as the kernel takes it. Zero would disarm, and what is before it is invalid: the past is the first
    /// nanosecond of 1970. The kernel itself takes what is beyond its clock (the year 2262) for the far end.
    static func expiry(at instant: Timestamp?) -> timespec {
        let milliseconds = (instant ?? .distantFuture).millisecondsSinceEpoch
        guard milliseconds > 0 else { return timespec(tv_sec: 0, tv_nsec: 1) }
        return timespec(tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000)
    }
}
