/// Why there is no timer: most likely the process has no file descriptor left.
package struct WallClockTimerError: Error, Sendable, Equatable, CustomStringConvertible {
    package let errno: CInt

    package var description: String { "cannot make a timer on the wall clock: \(errorText(errno))" }
}
