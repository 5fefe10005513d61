import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import ToolAuthCore

/// Serves HTTP/1.1 on a socket that others made: inherited from systemd, or bound by the daemon. It neither binds nor
/// unlinks a path.
struct HTTPServer<Handler: RequestHandler>: Service {
    /// A stream socket that listens; ``run()`` takes it over and closes it at its end.
    let listeningSocket: CInt
    let handler: Handler
    let metrics: APIMetrics
    let limits: APILimits
    let eventLoopGroup: any EventLoopGroup
    /// Called once, when connections are accepted.
    let onServing: @Sendable () async -> Void
    let logger: Logger
    private let executors: [ObjectIdentifier: EventLoopTaskExecutor]

    init(
        listeningSocket: CInt, handler: Handler, metrics: APIMetrics, limits: APILimits,
        eventLoopGroup: any EventLoopGroup, onServing: @escaping @Sendable () async -> Void, logger: Logger
    ) {
        self.listeningSocket = listeningSocket
        self.handler = handler
        self.metrics = metrics
        self.limits = limits
        self.eventLoopGroup = eventLoopGroup
        let executors = eventLoopGroup.makeIterator().map { (ObjectIdentifier($0), EventLoopTaskExecutor($0)) }
        self.executors = Dictionary(uniqueKeysWithValues: executors)
        self.onServing = onServing
        self.logger = logger
    }

    /// Serves until graceful shutdown: then accepts nobody more, answers what it has received, and returns.
    ///
    /// A client that leaves does not cancel what it asked for: the exchange of a code must not end half way.
    ///
    /// - Throws: if the socket cannot be listened on.
    func run() async throws {
        let registry = ConnectionRegistry(limit: limits.maxConnections, eventLoop: eventLoopGroup.any())
        let bootstrap = ServerBootstrap(group: eventLoopGroup)
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

    /// Returns when every event loop has done something for us: that is, if they all still turn.
    func probe() async throws {
        for eventLoop in eventLoopGroup.makeIterator() {
            try await eventLoop.submit {}.get()
        }
    }

    /// Sets up a connection just accepted, on its event loop, and serves it in a task of its own.
    private func open(_ channel: any Channel, _ registry: ConnectionRegistry) -> EventLoopFuture<Void> {
        let handlers = channel.pipeline.syncOperations
        let connection = Connection(channel, limits: limits, metrics: metrics, logger: logger) {
            registry.opened(channel)
        }
        let gate = RequestGate(connection)
        let prepared = channel.eventLoop.makeCompletedFuture {
            let client = try handlers.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, handler.accept)
            guard let client else { throw ChannelError.operationUnsupported }
            gate.refusal = admit(client, channel, registry)
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            try handlers.addHandler(ByteGate(connection))
            return makeHTTP(client)
        }
        let opened = prepared.assumeIsolated().flatMap { http in
            http.setup(channel: channel, logger: logger).map { (http, $0) }
        }.flatMapThrowing { http, value in
            // An asynchronous channel once made must be used; hence a task and no queue that might be dropped.
            Task(executorPreference: executors[ObjectIdentifier(channel.eventLoop)]) {
                await http.handle(value: value, logger: logger)
                registry.leave(channel)
            }
            let decoder = try handlers.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try handlers.addHandler(gate, position: .after(decoder))
        }
        opened.whenFailure { _ in registry.leave(channel) }
        return opened.nonisolated()
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

    private func makeHTTP(_ client: Handler.Client) -> HTTP1Channel {
        // The decoder's own limits only bound what it keeps; the gate measures, and tells target from headers.
        let size = limits.maxTargetSize + limits.maxHeadersSize
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: size, maxHeaderListSize: size, maxHeaderFieldCount: size)
        return HTTP1Channel(
            responder: { [handler, limits] request, writer, channel in
                let body = try await request.body.collect(upTo: limits.maxBodySize)
                let request = APIRequest(
                    method: request.method, target: RequestTarget(request.head.path ?? "/"), fields: request.headers,
                    body: Array(body.readableBytesView))
                let response = await handler.respond(to: request, from: client, closed: channel.closeFuture)
                try await writer.write(response: response.head, body: response.body)
            },
            configuration: HTTP1Channel.Configuration(httpDecoderConfiguration: decoder))
    }

    private var tooManyConnections: ToolAuthError {
        var error = ToolAuthError(
            .tooManyConnections, "The daemon serves \(limits.maxConnections) connections already; close some.")
        error.retryAfter = .seconds(1)
        return error
    }
}
