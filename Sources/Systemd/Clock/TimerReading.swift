import Glibc

/// What a read of a timer's descriptor says (timerfd_create(2)).
enum TimerReading: Equatable {
    case rang
    /// The clock was set, or the machine was suspended and runs again. Whether the timer expired too is forgotten.
    case clockSet
    /// Nothing, such as for a timer that was armed anew before its expiry was read.
    case nothing

    /// - Parameters:
    ///   - count: what `read` returned: a number of bytes, or -1.
    ///   - error: `errno` after it; counts only where `count` is negative.
    init(count: Int, error: CInt) {
        self =
            switch (count, error) {
            case (1..., _): .rang
            case (..<0, ECANCELED): .clockSet
            default: .nothing
            }
    }
}
