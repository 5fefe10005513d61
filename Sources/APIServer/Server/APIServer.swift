package import Logging
package import NIOCore
import NIOPosix
import ServiceLifecycle
package import Telemetry
package import ToolAuthCore

/// Serves the socket API on a Unix socket.
package struct APIServer: Service {
    private let server: HTTPServer<APIHandler>

    /// - Parameters:
    ///   - listeningSocket: a stream socket that listens; ``run()`` takes it over and closes it at its end.
    ///   - events: what `GET /v1/events` follows; ended at shutdown.
    ///   - rules: who may do what.
    ///   - metrics: where requests are counted; `GET /metrics` shows it after the service's own.
    ///   - audit: takes note of each token handed out.
    ///   - report: hears of faults of ours.
    ///   - onServing: called once, when connections are accepted.
    ///   - isUserOfUnit: whether a system unit runs as a user. Asked where a rule names a unit that a peer runs in.
    ///     nil: it cannot be told.
    ///   - identify: asks the kernel who is at the other end of a connected socket; called once for each connection, on
    ///     an event loop, when it is accepted. nil: it would not say, and the peer may do nothing that needs a rule.
    package init(
        listeningSocket: CInt, service: any ToolAuthService, events: EventHub, rules: RulesInForce,
        limits: APILimits = APILimits(),
        metrics: APIMetrics = APIMetrics(), audit: @escaping @Sendable (TokenUse) -> Void = { _ in },
        report: @escaping @Sendable (JournalEntry) -> Void = { _ in }, logger: Logger,
        eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        onServing: @escaping @Sendable () async -> Void = {},
        isUserOfUnit: @escaping @Sendable (String, UInt32) async -> Bool? = { _, _ in false },
        identify: @escaping @Sendable (CInt) -> Peer?
    ) {
        let responder = APIResponder(
            service: service, events: events, metrics: metrics, audit: audit, report: report)
        let handler = APIHandler(
            responder: responder, rules: rules, allowances: Allowances(limits), identify: identify,
            isUserOfUnit: isUserOfUnit)
        server = HTTPServer(
            listeningSocket: listeningSocket, handler: handler, metrics: metrics, limits: limits,
            eventLoop: eventLoop, onServing: onServing, logger: logger)
    }

    /// Serves until graceful shutdown: then accepts nobody more, answers what it has received, and returns.
    ///
    /// - Throws: if the socket cannot be listened on.
    package func run() async throws { try await server.run() }

    /// Returns when the event loop has done something for us: that is, if it still turns.
    package func probe() async throws { try await server.probe() }
}
