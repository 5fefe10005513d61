import Dispatch
package import ToolAuthCore

/// Rings at an instant of the wall clock, and says when somebody sets that clock.
///
/// The kernel keeps the instant: set the clock forward and it rings sooner, back and it rings later; a suspend does not
/// delay it past the moment the machine runs again. Nothing wakes this process before that.
///
/// That the clock is set cannot be tried on a machine that others use, and no namespace gives a process a wall clock of
/// its own: the tests put the kernel's answer in. The real one was tried in a user-mode Linux (6.1), whose clock is
/// nobody else's: set forward and back, with and without something armed, between an expiry and its read, and by a
/// resume.
package final class WallClockTimer: Sendable {
    private struct State {
        /// When it is to ring; nil: not at all.
        var instant: Timestamp?
        /// Present from the first ``arm(at:)`` on.
        var source: (any DispatchSourceRead)?
        var ring: @Sendable () -> Void = {}
        var clockSet: @Sendable () -> Void = {}
    }

    private let queue = DispatchQueue(label: "toolauthd.clock")
    private let descriptor: TimerDescriptor
    private let read: @Sendable (TimerDescriptor) -> TimerReading
    private let state = Locked(State())

    /// - Throws: when the kernel gives no timer.
    package convenience init() throws(WallClockTimerError) {
        try self.init { $0.read() }
    }

    /// - Parameter read: says what made the descriptor readable.
    init(read: @escaping @Sendable (TimerDescriptor) -> TimerReading) throws(WallClockTimerError) {
        descriptor = try TimerDescriptor()
        self.read = read
    }

    // The descriptor must stay open until the source has let go of it: its cancel handler has the last reference.
    deinit { state.withLock { $0.source?.cancel() } }

    /// What to do when it rings. Set once, before the first ``arm(at:)``. Called on a queue of the timer's own, at most
    /// once for each time it was armed, and never after the timer is gone.
    package func onRing(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.ring = handler }
    }

    /// What to do when the clock was set, or the machine was suspended and runs again; how far the clock was moved is
    /// for the caller to find out, and several steps may be told by one call. Set once, before the first ``arm(at:)``,
    /// which is also when the watch begins: it tells then of a step since the timer was made. Called where the handler of
    /// ``onRing(_:)`` is, whether or not the timer is to ring.
    package func onClockSet(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { $0.clockSet = handler }
    }

    /// Lets it ring at `instant` instead of what it was armed for before; an instant in the past rings at once. A ring
    /// whose handler is being called at this moment cannot be taken back.
    ///
    /// - Parameter instant: nil: it does not ring, and goes on noticing that the clock is set.
    package func arm(at instant: Timestamp?) {
        state.withLock { state in
            state.instant = instant
            if descriptor.arm(at: instant) { tellClockSet() }
            if state.source == nil { state.source = watch() }
        }
    }

    private func watch() -> any DispatchSourceRead {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor.number, queue: queue)
        source.setEventHandler { [weak self] in self?.descriptorIsReadable() }
        source.setCancelHandler { [descriptor] in withExtendedLifetime(descriptor) {} }
        source.activate()
        return source
    }

    private func descriptorIsReadable() {
        let handler = state.withLock { state -> (@Sendable () -> Void)? in
            switch read(descriptor) {
            case .nothing:
                return nil
            case .rang:
                state.instant = nil
                return state.ring
            case .clockSet:
                // An expiry that was not read yet is lost: armed again, it rings at once. One more step of the clock in
                // between is told by the same call of the handler.
                _ = descriptor.arm(at: state.instant)
                return state.clockSet
            }
        }
        handler?()
    }

    /// On the queue, since whoever arms the timer does not expect to be called meanwhile.
    private func tellClockSet() {
        queue.async { [weak self] in
            guard let self else { return }
            state.withLock { $0.clockSet }()
        }
    }
}
