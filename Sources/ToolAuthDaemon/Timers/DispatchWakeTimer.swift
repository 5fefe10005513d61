import Dispatch
import Glibc
import Refresh
import ToolAuthCore

/// Rings by a Dispatch timer on the wall clock, so that a step of the clock or a suspend moves the ring too.
final class DispatchWakeTimer: WakeTimer {
    private struct State {
        var source: (any DispatchSourceTimer)?
        /// When it is to ring; nil: it rang, or is not armed. To set a Dispatch timer wakes a thread, so it is not set to what
        /// it is set to already.
        var instant: Timestamp?
        var handler: @Sendable () -> Void = {}
    }

    private let queue = DispatchQueue(label: "toolauthd.wake")
    private let state = Locked(State())

    init() {}

    /// What to do when it rings. Set once, before the first ``arm(at:)``.
    func onWake(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.handler = handler }
    }

    func arm(at instant: Timestamp?) {
        state.withLock { state in
            if let instant, instant == state.instant { return }
            state.instant = instant
            guard let instant else {
                state.source?.cancel()
                state.source = nil
                return
            }
            if state.source == nil {
                let source = DispatchSource.makeTimerSource(queue: queue)
                source.setEventHandler { [weak self] in self?.ring() }
                source.resume()
                state.source = source
            }
            state.source?.schedule(wallDeadline: instant.wallDeadline, leeway: .milliseconds(1))
        }
    }

    private func ring() {
        let handler = state.withLock { state in
            state.instant = nil
            return state.handler
        }
        handler()
    }
}

extension Timestamp {
    /// The same instant for Dispatch, which counts nanoseconds in 64 bits: the past is now, and beyond the year 2255 it
    /// rings early, which does no harm.
    fileprivate var wallDeadline: DispatchWallTime {
        let milliseconds = min(max(millisecondsSinceEpoch, 1000), 9_000_000_000_000)
        return DispatchWallTime(
            timespec: timespec(
                tv_sec: Int(milliseconds / 1000), tv_nsec: Int(milliseconds % 1000) * 1_000_000))
    }
}
