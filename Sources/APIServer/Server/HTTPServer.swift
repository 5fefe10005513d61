import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import ToolAuthCore

/// Serves HTTP/1.1 on a socket that others made: inherited from systemd, or bound by the daemon. It neither binds nor
/// unlinks a path.
///
/// One event loop serves everybody; what takes waiting, or work, is done elsewhere. Connections are accepted by an
/// ``ExpressLane``, which answers the simplest and most frequent request itself.
struct HTTPServer<Handler: RequestHandler>: Service {
    private typealias Lane = ExpressLane<Handler.Client, Handler.QuickRequest>

    /// A stream socket that listens; ``run()`` takes it over and closes it at its end.
    let listeningSocket: CInt
    let handler: Handler
    let metrics: APIMetrics
    let limits: APILimits
    let eventLoop: any EventLoop
    /// Called once, when connections are accepted.
    let onServing: @Sendable () async -> Void
    let logger: Logger
    /// nil: not running yet.
    private let lane = Locked<Lane?>(nil)

    init(
        listeningSocket: CInt, handler: Handler, metrics: APIMetrics, limits: APILimits, eventLoop: any EventLoop,
        onServing: @escaping @Sendable () async -> Void, logger: Logger
    ) {
        self.listeningSocket = listeningSocket
        self.handler = handler
        self.metrics = metrics
        self.limits = limits
        self.eventLoop = eventLoop
        self.onServing = onServing
        self.logger = logger
    }

    /// Serves until graceful shutdown: then accepts nobody more, answers what it has received, and returns.
    ///
    /// A client that leaves does not cancel what it asked for: the exchange of a code must not end half way.
    ///
    /// - Throws: if the socket cannot be listened on.
    func run() async throws {
        let registry = ConnectionRegistry(limit: limits.maxConnections, eventLoop: eventLoop)
        let lane: Lane
        do { lane = try makeLane(registry) } catch {
            close(listeningSocket)
            registry.listenerClosed()
            throw error
        }
        self.lane.withLock { $0 = lane }
        // It holds on to this server, by what it is told to do.
        defer { self.lane.withLock { $0 = nil } }
        lane.start()
        await onServing()
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await registry.waitForEnd()
            } onGracefulShutdown: {
                lane.end()
                handler.quiesce()
            }
        } onCancel: {
            lane.end()
            registry.closeAll()
        }
    }

    /// Returns when event loop and lane have done something for us: that is, if they still turn.
    func probe() async throws {
        try await eventLoop.submit {}.get()
        guard let lane = lane.withLock({ $0 }) else { return }
        await withCheckedContinuation { continuation in lane.perform { continuation.resume() } }
    }

    private func makeLane(_ registry: ConnectionRegistry) throws -> Lane {
        try Lane(
            listener: listeningSocket, patience: TimeAmount(limits.expressPatience),
            Lane.Callbacks(
                identify: { [handler] in handler.accept($0) },
                admit: { admit($0, registry) },
                release: { [handler] client in
                    handler.release(client)
                    registry.release()
                },
                read: { [handler] in handler.quickRequest(APIRequest($0, nil)) },
                answer: { [handler] in handler.answerAtOnce($0, from: $1) },
                handOver: { take($0, registry) },
                ended: {
                    registry.listenerClosed()
                    registry.quiesce()
                }))
    }

    /// Makes a channel of a connection.
    private func take(_ handover: Lane.Handover, _ registry: ConnectionRegistry) {
        // Fails only in the initializer, which tells the registry.
        _ = ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                registry.enter(channel, isServed: handover.refusal == nil)
                return open(channel, handover, registry)
            }
            .withConnectedSocket(handover.descriptor)
    }

    /// Sets up a connection, on its event loop.
    private func open(
        _ channel: any Channel, _ handover: Lane.Handover, _ registry: ConnectionRegistry
    ) -> EventLoopFuture<Void> {
        let client = handover.client
        let opened = channel.eventLoop.makeCompletedFuture {
            let handlers = channel.pipeline.syncOperations
            let connection = Connection(channel, limits: limits, metrics: metrics, logger: logger) {
                registry.opened(channel)
            }
            let gate = RequestGate(connection) { [handler] request in
                handler.answer(request, from: client, closed: channel.closeFuture)
            } onEnd: {
                registry.leave(channel)
            }
            gate.refusal = handover.refusal
            if handover.refusal == nil {
                channel.closeFuture.whenComplete { [handler] _ in handler.release(client) }
            }
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            try handlers.addHandlers([
                ByteGate(connection), HTTPResponseEncoder(), ByteToMessageHandler(HTTPRequestDecoder(limits)), gate,
            ])
        }
        opened.whenFailure { _ in registry.leave(channel) }
        return opened
    }

    /// Counts a connection.
    ///
    /// - Returns: why it is one too many.
    private func admit(_ client: Handler.Client, _ registry: ConnectionRegistry) -> ToolAuthError? {
        guard registry.accept() else { return tooManyConnections }
        guard let refusal = handler.admit(client) else { return nil }
        registry.refuse()
        return refusal
    }

    private var tooManyConnections: ToolAuthError {
        var error = ToolAuthError(
            .tooManyConnections, "The daemon serves \(limits.maxConnections) connections already; close some.")
        error.retryAfter = .seconds(1)
        return error
    }
}
