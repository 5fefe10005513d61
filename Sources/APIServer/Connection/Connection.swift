import Logging
import NIOCore

/// One client's connection, shared by the handlers at both ends of the HTTP decoder. Lives on its event loop.
final class Connection {
    var state: ConnectionState
    let limits: APILimits
    let metrics: APIMetrics
    /// Bytes written since it began.
    var written = 0
    /// Whether the request line of the request being received came to its end.
    var hasTarget = false

    private let channel: any Channel
    private let logger: Logger
    private let onOpen: () -> Void
    private var timer: (deadline: NIODeadline, scheduled: Scheduled<Void>)?

    /// - Parameter onOpen: called when it is read from.
    init(
        _ channel: any Channel, limits: APILimits, metrics: APIMetrics, logger: Logger, onOpen: @escaping () -> Void
    ) {
        self.channel = channel
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
        self.onOpen = onOpen
        state = ConnectionState(limits, now: .now())
    }

    func opened() {
        rearm()
        onOpen()
    }

    /// Sees to it that the deadline is looked at when it comes. The timer is not moved when the deadline moves away: it
    /// then fires, finds nothing, and is set again, once instead of once for each request.
    func rearm() {
        guard channel.isActive, let deadline = state.deadline else { return }
        if let timer {
            if timer.deadline <= deadline { return }
            timer.scheduled.cancel()
        }
        let scheduled = channel.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.fired() }
        timer = (deadline, scheduled)
    }

    func cancelTimer() {
        timer?.scheduled.cancel()
        timer = nil
    }

    private func fired() {
        timer = nil
        noteUnread()
        guard let deadline = state.deadline, deadline <= .now() else {
            rearm()
            return
        }
        logger.debug("client cut off", metadata: ["state": "\(state)"])
        channel.close(mode: .all, promise: nil)
    }

    /// Looks at how much of what was written the kernel has taken.
    func noteUnread() {
        // The option exists on every socket channel.
        let pending = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        state.wrote(pending: pending, written: written, now: .now())
    }
}
