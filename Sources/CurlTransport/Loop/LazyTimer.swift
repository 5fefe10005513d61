import Dispatch

/// Rings at an instant that is changed far more often than it comes, as that of a time-out is. Used on its queue only.
///
/// To set a Dispatch timer wakes Dispatch's own thread. So it is set only for an instant sooner than the one it is set for
/// already, and may ring too soon: who is rung asks ``isTime()``.
final class LazyTimer {
    private let timer: any DispatchSourceTimer
    /// When to ring; nil: not at all.
    private var instant: DispatchTime?
    /// What the timer is set for.
    private var alarm = DispatchTime.distantFuture

    /// - Parameter onRing: called on `queue`; has to ask ``isTime()``.
    init(on queue: DispatchQueue, onRing: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler(handler: onRing)
        timer.schedule(deadline: .distantFuture)
        timer.resume()
    }

    /// Rings at `instant`, and not at the one asked for before; nil: not at all.
    func set(_ instant: DispatchTime?) {
        self.instant = instant
        if let instant, instant < alarm { arm(instant) }
    }

    /// Rings at `instant` unless it is to ring sooner anyway.
    func set(noLaterThan instant: DispatchTime) {
        if self.instant.map({ instant < $0 }) ?? true { set(instant) }
    }

    /// It rang: whether the instant has come, which is over then. If it has not, it rings once more.
    func isTime() -> Bool {
        alarm = .distantFuture
        guard let instant else { return false }
        if instant > .now() {
            arm(instant)
            return false
        }
        self.instant = nil
        return true
    }

    /// Does not ring any more, whatever it was set for, and cannot be set again.
    func cancel() {
        instant = nil
        timer.cancel()
    }

    private func arm(_ instant: DispatchTime) {
        alarm = instant
        timer.schedule(deadline: instant, leeway: .milliseconds(1))
    }
}

extension DispatchTime {
    /// - Parameter duration: at most a few centuries.
    static func after(_ duration: Duration) -> DispatchTime {
        let (seconds, attoseconds) = duration.components
        return .now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
    }
}
