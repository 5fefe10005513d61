import HTTPTypes
import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
package import ToolAuthCore

/// Serves the socket API on a Unix socket that others made: inherited from systemd, or bound by the daemon. It neither
/// binds nor unlinks a path.
package struct APIServer: Service {
    private let listeningSocket: CInt
    private let responder: APIResponder
    private let metrics: APIMetrics
    private let limits: APILimits
    private let eventLoopGroup: any EventLoopGroup
    private let executors: [ObjectIdentifier: EventLoopTaskExecutor]
    private let identify: @Sendable (CInt) -> Peer?
    private let onServing: @Sendable () async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - listeningSocket: a stream socket that listens; ``run()`` takes it over and closes it at its end.
    ///   - metrics: where requests are counted; `GET /metrics` shows it after the service's own.
    ///   - identify: asks the kernel who is at the other end of a connected socket; called once for each connection, on
    ///     an event loop, when it is accepted. nil: it would not say, and the peer may do nothing that needs a rule.
    ///   - onServing: called once, when connections are accepted.
    package init(
        listeningSocket: CInt, service: any ToolAuthService, access: any AccessPolicy, limits: APILimits = APILimits(),
        metrics: APIMetrics = APIMetrics(), logger: Logger,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        onServing: @escaping @Sendable () async -> Void = {}, identify: @escaping @Sendable (CInt) -> Peer?
    ) {
        self.listeningSocket = listeningSocket
        responder = APIResponder(service: service, access: access, metrics: metrics, logger: logger)
        self.metrics = metrics
        self.limits = limits
        self.eventLoopGroup = eventLoopGroup
        let executors = eventLoopGroup.makeIterator().map { (ObjectIdentifier($0), EventLoopTaskExecutor($0)) }
        self.executors = Dictionary(uniqueKeysWithValues: executors)
        self.identify = identify
        self.onServing = onServing
        self.logger = logger
    }

    /// Serves until graceful shutdown: then accepts nobody more, answers what it has received, and returns.
    ///
    /// A client that leaves does not cancel what it asked for: the exchange of a code must not end half way.
    ///
    /// - Throws: if the socket cannot be listened on.
    package func run() async throws {
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
            }
        } onCancel: {
            registry.closeAll()
        }
    }

    /// Returns when every event loop has done something for us: that is, if they all still turn.
    package func probe() async throws {
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
        let gate = RequestGate(connection, refusal: registry.isRefused(channel) ? tooManyConnections : nil)
        let prepared = channel.eventLoop.makeCompletedFuture {
            let peer = try handlers.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self, identify) ?? nil
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            try handlers.addHandler(ByteGate(connection))
            return makeHTTP(peer)
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

    private func makeHTTP(_ peer: Peer?) -> HTTP1Channel {
        // The decoder's own limits only bound what it keeps; the gate measures, and tells target from headers.
        let size = limits.maxTargetSize + limits.maxHeadersSize
        let decoder = HTTP1Channel.Configuration.DecoderConfiguration(
            maxHeaderFieldSize: size, maxHeaderListSize: size, maxHeaderFieldCount: size)
        return HTTP1Channel(
            responder: { [responder, limits] request, writer, _ in
                let body = try await request.body.collect(upTo: limits.maxBodySize)
                let request = APIRequest(
                    method: request.method, target: RequestTarget(request.head.path ?? "/"), fields: request.headers,
                    body: Array(body.readableBytesView))
                let response = await responder.respond(to: request, from: peer)
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
