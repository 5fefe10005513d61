import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import ToolAuthCore

/// Serves HTTP/1.1 on a socket that others made: inherited from systemd, or bound by the daemon. It neither binds nor
/// unlinks a path.
///
/// One event loop accepts and serves everybody, so that a request that comes with its connection is answered without waking
/// another thread. What takes waiting, or work, is done elsewhere.
struct HTTPServer<Handler: RequestHandler>: Service {
    /// A stream socket that listens; ``run()`` takes it over and closes it at its end.
    let listeningSocket: CInt
    let handler: Handler
    let metrics: APIMetrics
    let limits: APILimits
    let eventLoop: any EventLoop
    /// Called once, when connections are accepted.
    let onServing: @Sendable () async -> Void
    let logger: Logger

    /// Serves until graceful shutdown: then accepts nobody more, answers what it has received, and returns.
    ///
    /// A client that leaves does not cancel what it asked for: the exchange of a code must not end half way.
    ///
    /// - Throws: if the socket cannot be listened on.
    func run() async throws {
        let registry = ConnectionRegistry(limit: limits.maxConnections, eventLoop: eventLoop)
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ListenerGate(registry))
                }
            }
            .childChannelInitializer { channel in open(channel, registry) }
        do {
            _ = try await bootstrap.withBoundSocket(listeningSocket).get()
        } catch {
            registry.listenerClosed()
            throw error
        }
        await onServing()
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await registry.waitForEnd()
            } onGracefulShutdown: {
                registry.quiesce()
                handler.quiesce()
            }
        } onCancel: {
            registry.closeAll()
        }
    }

    /// Returns when the event loop has done something for us: that is, if it still turns.
    func probe() async throws {
        try await eventLoop.submit {}.get()
    }

    /// Sets up a connection just accepted, on its event loop.
    private func open(_ channel: any Channel, _ registry: ConnectionRegistry) -> EventLoopFuture<Void> {
        let opened = channel.eventLoop.makeCompletedFuture {
            let handlers = channel.pipeline.syncOperations
            let client = try handlers.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, handler.accept)
            guard let client else { throw ChannelError.operationUnsupported }
            let connection = Connection(channel, limits: limits, metrics: metrics, logger: logger) {
                registry.opened(channel)
            }
            let gate = RequestGate(connection) { [handler] request in
                handler.answer(request, from: client, closed: channel.closeFuture)
            } onEnd: {
                registry.leave(channel)
            }
            gate.refusal = admit(client, channel, registry)
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            try handlers.addHandlers([
                ByteGate(connection), HTTPResponseEncoder(), ByteToMessageHandler(makeDecoder()), gate,
            ])
        }
        opened.whenFailure { _ in registry.leave(channel) }
        return opened
    }

    private func makeDecoder() -> HTTPRequestDecoder {
        // The decoder's own limits only bound what it keeps; the gate measures, and tells target from headers.
        let size = limits.maxTargetSize + limits.maxHeadersSize
        var bounds = NIOHTTPDecoderLimitConfiguration()
        bounds.maxHeaderFieldSize = size
        bounds.maxHeaderListSize = size
        bounds.maxHeaderFieldCount = size
        return HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: bounds)
    }

    /// - Returns: why the connection is one too many.
    private func admit(
        _ client: Handler.Client, _ channel: any Channel, _ registry: ConnectionRegistry
    ) -> ToolAuthError? {
        if registry.isRefused(channel) { return tooManyConnections }
        if let refusal = handler.admit(client) { return refusal }
        channel.closeFuture.whenComplete { _ in handler.release(client) }
        return nil
    }

    private var tooManyConnections: ToolAuthError {
        var error = ToolAuthError(
            .tooManyConnections, "The daemon serves \(limits.maxConnections) connections already; close some.")
        error.retryAfter = .seconds(1)
        return error
    }
}
