import NIOConcurrencyHelpers
import NIOCore

/// All connections from when they are accepted until they are closed and their last request is answered: knows when there
/// are too many, tells them of a shutdown, and knows when the server has ended.
final class ConnectionRegistry: Sendable {
    private struct Entry {
        let channel: any Channel
        /// Whether it is one too many, and is only told so.
        let isRefused: Bool
        /// Whether it is set up and read from.
        var isOpen = false
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        /// How many entries are not refused.
        var served = 0
        /// How many entries are not open.
        var opening = 0
        var isQuiescing = false
        var listener: (any Channel)?
        var hasListenerClosed = false

        private var hasEnded = false

        /// - Returns: true once, when the listener and all connections are closed.
        mutating func takeEnd() -> Bool {
            guard !hasEnded, hasListenerClosed, entries.isEmpty else { return false }
            hasEnded = true
            return true
        }
    }

    private let limit: Int
    // Not a Mutex: the thread sanitizer does not see what that one orders.
    private let state = NIOLockedValueBox(State())
    private let ended: EventLoopPromise<Void>

    init(limit: Int, eventLoop: any EventLoop) {
        self.limit = limit
        ended = eventLoop.makePromise()
    }

    func attach(listener: any Channel) {
        state.withLockedValue { $0.listener = listener }
    }

    /// A connection was accepted.
    func enter(_ channel: any Channel) {
        state.withLockedValue {
            let isRefused = $0.served >= limit
            $0.entries[ObjectIdentifier(channel)] = Entry(channel: channel, isRefused: isRefused)
            $0.opening += 1
            if !isRefused { $0.served += 1 }
        }
    }

    func isRefused(_ channel: any Channel) -> Bool {
        state.withLockedValue { $0.entries[ObjectIdentifier(channel)]?.isRefused ?? false }
    }

    /// A connection is read from, from now on.
    func opened(_ channel: any Channel) {
        let isQuiescing = state.withLockedValue {
            $0.entries[ObjectIdentifier(channel)]?.isOpen = true
            $0.opening -= 1
            return $0.isQuiescing
        }
        if isQuiescing {
            quiesce(channel)
            checkListener()
        }
    }

    /// A connection is closed, and nothing is done for it any more.
    func leave(_ channel: any Channel) {
        let hasEnded = state.withLockedValue {
            guard let entry = $0.entries.removeValue(forKey: ObjectIdentifier(channel)) else { return false }
            if !entry.isOpen { $0.opening -= 1 }
            if !entry.isRefused { $0.served -= 1 }
            return $0.takeEnd()
        }
        if hasEnded { ended.succeed() }
        checkListener()
    }

    /// Tells all connections, and those still to be opened, that the present answer is their last.
    func quiesce() {
        let open = state.withLockedValue { state in
            state.isQuiescing = true
            return state.entries.values.filter(\.isOpen).map(\.channel)
        }
        for channel in open { quiesce(channel) }
        checkListener()
    }

    /// Has the listener look whether it may close; it decides on its own event loop, where it also accepts.
    private func checkListener() {
        let listener = state.withLockedValue { $0.isQuiescing && $0.opening == 0 ? $0.listener : nil }
        listener?.pipeline.fireUserInboundEventTriggered(ListenerGate.Check())
    }

    private func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    /// Whether to accept nobody more.
    var isQuiescing: Bool { state.withLockedValue { $0.isQuiescing } }

    /// Whether the listener may be closed without losing anyone it accepted.
    var canCloseListener: Bool { state.withLockedValue { $0.isQuiescing && $0.opening == 0 } }

    /// Ends the listener and all connections, whatever they are at.
    func closeAll() {
        let channels = state.withLockedValue { state in
            state.entries.values.map(\.channel) + [state.listener].compactMap(\.self)
        }
        for channel in channels { channel.close(promise: nil) }
    }

    /// The listener is closed, or never was open.
    func listenerClosed() {
        let hasEnded = state.withLockedValue {
            $0.hasListenerClosed = true
            $0.listener = nil
            return $0.takeEnd()
        }
        if hasEnded { ended.succeed() }
    }

    /// Returns when the listener and all connections are closed.
    func waitForEnd() async throws { try await ended.futureResult.get() }
}
