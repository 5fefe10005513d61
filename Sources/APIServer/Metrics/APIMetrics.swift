import Telemetry
import ToolAuthCore

/// The numbers of the requests: how many of each route ended with which status, and how long they took.
package final class APIMetrics: Sendable {
    private struct State: Sendable {
        var requests = Counters(
            "toolauth_api_requests_total", "Requests of the API that were answered.", labels: [.route, .code])
        var durations = Histograms(
            "toolauth_api_request_duration_seconds", "From having a whole request to having its answer.",
            labels: [.route],
            bounds: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
    }

    /// Of requests that name no route, or cannot be read.
    static let noRoute = "none"

    private let state = Locked(State())
    /// The clock that requests are measured by.
    let now: @Sendable () -> ContinuousClock.Instant

    package init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
    }

    /// A request was answered.
    ///
    /// - Parameters:
    ///   - route: one of ``Resource/route(for:)``, never a path as it came.
    ///   - began: when it was whole, by ``now``; nil: it was refused before.
    func answered(_ route: String, status: Int, since began: ContinuousClock.Instant?) {
        let duration = began.map { now() - $0 }
        state.withLock { state in
            state.requests.count(route, String(status))
            if let duration { state.durations.observe(duration, route) }
        }
    }

    /// All of it in Prometheus' text format.
    package var text: String {
        let state = state.withLock { $0 }
        var page = MetricsText()
        state.requests.write(to: &page)
        state.durations.write(to: &page)
        return page.text
    }
}
