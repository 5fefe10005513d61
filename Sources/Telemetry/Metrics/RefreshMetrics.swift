package import ToolAuthCore

/// The numbers of the refreshes, told one by one as they happen.
///
/// One short lock for each call; the page is written outside of it.
package final class RefreshMetrics: Sendable {
    private struct State: Sendable {
        var refreshes = Counters(
            "toolauth_refreshes_total", "Refresh attempts that ended, by how.", labels: [.tool, .outcome])
        var durations = Histograms(
            "toolauth_refresh_duration_seconds", "From sending a refresh to knowing its end.", labels: [.tool],
            bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
        var lags = Histograms(
            "toolauth_refresh_lag_seconds", "How long after its due time a refresh ended.", labels: [.tool],
            bounds: [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600])
        var batches = Histograms(
            "toolauth_commit_batch_size", "How many writes shared a transaction of the store.", labels: [],
            bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
        var issued = Counters(
            "toolauth_tokens_issued_total", "Access tokens handed out.", labels: [.tool])
    }

    private let state = Locked(State())

    package init() {}

    /// An attempt ended and is stored.
    ///
    /// - Parameters:
    ///   - outcome: `RefreshOutcome.name`.
    ///   - duration: from sending the request to knowing its end.
    ///   - lag: how long after its due time it ended; nil: it was not due.
    package func attemptEnded(tool: ToolID, outcome: String, duration: Duration, lag: Duration?) {
        state.withLock { state in
            state.refreshes.count(tool.rawValue, outcome)
            state.durations.observe(duration, tool.rawValue)
            if let lag { state.lags.observe(lag, tool.rawValue) }
        }
    }

    /// The store wrote so many claims and ends of refreshes in one transaction.
    package func committed(batch: Int) {
        state.withLock { $0.batches.observe(Double(batch)) }
    }

    /// An access token was handed out.
    package func tokenIssued(tool: ToolID) {
        state.withLock { $0.issued.count(tool.rawValue) }
    }

    /// All of it in Prometheus' text format, with what is read at this moment.
    package func text(_ gauges: ServiceGauges) -> String {
        let state = state.withLock { $0 }
        var page = MetricsText()
        state.refreshes.write(to: &page)
        state.durations.write(to: &page)
        state.lags.write(to: &page)
        gauges.write(to: &page)
        state.batches.write(to: &page)
        state.issued.write(to: &page)
        return page.text
    }
}
