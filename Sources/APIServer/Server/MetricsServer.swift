import HTTPTypes
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
package import Telemetry
package import ToolAuthCore

/// Serves `GET /metrics` to a scraper that speaks TCP, and nothing else.
package struct MetricsServer: Service {
    private let server: HTTPServer<MetricsHandler>

    /// - Parameters:
    ///   - listeningSocket: a TCP socket that listens, on loopback: nobody is asked who he is. ``run()`` takes it over.
    ///   - metrics: the API's own numbers.
    ///   - report: hears of faults of ours.
    package init(
        listeningSocket: CInt, service: any ToolAuthService, metrics: APIMetrics,
        report: @escaping @Sendable (JournalEntry) -> Void = { _ in }, logger: Logger
    ) {
        var limits = APILimits()
        limits.maxConnections = 64
        let responder = APIResponder(service: service, events: nil, metrics: metrics, audit: { _ in }, report: report)
        server = HTTPServer(
            listeningSocket: listeningSocket, handler: MetricsHandler(responder: responder), metrics: metrics,
            limits: limits, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), onServing: {}, logger: logger)
    }

    package func run() async throws { try await server.run() }
}

struct MetricsHandler: RequestHandler {
    typealias QuickRequest = Never

    let responder: APIResponder

    func accept(_ descriptor: CInt) {}

    func answer(_ request: APIRequest, from client: Void, closed: EventLoopFuture<Void>) -> Answer {
        .later { await responder.respondOnlyToMetrics(request) }
    }
}
