import NIOCore
import ToolAuthCore

/// All connections from when they are accepted until they are closed and their last request is answered: knows when there
/// are too many, tells them of a shutdown, and knows when the server has ended.
final class ConnectionRegistry: Sendable {
    private struct Entry {
        let channel: any Channel
        /// Whether it counts; else it is one too many, and is only told so.
        let isServed: Bool
        /// Whether it is set up and read from.
        var isOpen = false
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        /// How many connections are served, entries or not.
        var served = 0
        /// How many connections are not entries yet.
        var accepted = 0
        var isQuiescing = false
        var isCancelled = false
        var hasListenerClosed = false

        private var hasEnded = false

        /// - Returns: true once, when the listener and all connections are closed.
        mutating func takeEnd() -> Bool {
            guard !hasEnded, hasListenerClosed, entries.isEmpty, accepted == 0 else { return false }
            hasEnded = true
            return true
        }
    }

    private let limit: Int
    private let state = Locked(State())
    private let ended: EventLoopPromise<Void>

    init(limit: Int, eventLoop: any EventLoop) {
        self.limit = limit
        ended = eventLoop.makePromise()
    }

    /// A connection was accepted: it is to be entered, or released.
    ///
    /// - Returns: whether it is served; else there are too many, and it is only told so.
    func accept() -> Bool {
        state.withLock {
            $0.accepted += 1
            guard $0.served < limit else { return false }
            $0.served += 1
            return true
        }
    }

    /// A connection that was accepted is not served all the same.
    func refuse() {
        state.withLock { $0.served -= 1 }
    }

    /// A connection that was accepted and served is closed, and never got a channel.
    func release() {
        let hasEnded = state.withLock {
            $0.accepted -= 1
            $0.served -= 1
            return $0.takeEnd()
        }
        if hasEnded { ended.succeed() }
    }

    /// A connection that was accepted has a channel.
    func enter(_ channel: any Channel, isServed: Bool) {
        state.withLock {
            $0.accepted -= 1
            $0.entries[ObjectIdentifier(channel)] = Entry(channel: channel, isServed: isServed)
        }
    }

    /// A connection is read from, from now on.
    func opened(_ channel: any Channel) {
        let (isQuiescing, isCancelled) = state.withLock {
            $0.entries[ObjectIdentifier(channel)]?.isOpen = true
            return ($0.isQuiescing, $0.isCancelled)
        }
        if isCancelled { channel.close(promise: nil) } else if isQuiescing { quiesce(channel) }
    }

    /// A connection is closed, and nothing is done for it any more.
    func leave(_ channel: any Channel) {
        let hasEnded = state.withLock {
            guard let entry = $0.entries.removeValue(forKey: ObjectIdentifier(channel)) else { return false }
            if entry.isServed { $0.served -= 1 }
            return $0.takeEnd()
        }
        if hasEnded { ended.succeed() }
    }

    /// Tells all connections, and those still to be opened, that the present answer is their last.
    func quiesce() {
        let open = state.withLock { state in
            state.isQuiescing = true
            return state.entries.values.filter(\.isOpen).map(\.channel)
        }
        for channel in open { quiesce(channel) }
    }

    private func quiesce(_ channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    /// Ends all connections, whatever they are at, and those that are still to come.
    func closeAll() {
        let channels = state.withLock { state in
            state.isCancelled = true
            return state.entries.values.map(\.channel)
        }
        for channel in channels { channel.close(promise: nil) }
    }

    /// The listener is closed, or never was open.
    func listenerClosed() {
        let hasEnded = state.withLock {
            $0.hasListenerClosed = true
            return $0.takeEnd()
        }
        if hasEnded { ended.succeed() }
    }

    /// Returns when the listener and all connections are closed.
    func waitForEnd() async throws { try await ended.futureResult.get() }
}
