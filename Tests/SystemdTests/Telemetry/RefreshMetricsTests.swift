import Dispatch
import Glibc
import Telemetry
import TestSupport
import Testing
import ToolAuthCore

@Suite("Metrics of refreshing")
struct RefreshMetricsTests {
    private func tool(_ id: String) throws -> ToolID { try #require(ToolID(id)) }

    private static let nothing = ServiceGauges(
        tools: [], due: 0, inFlight: 0, openBreakers: 0, heldResults: 0, isStoreFailing: false, isHeld: false)

    /// Some of everything.
    private func sample() throws -> String {
        let metrics = RefreshMetrics()
        let (gmail, slack) = (try tool("gmail"), try tool("slack"))
        metrics.attemptEnded(tool: slack, outcome: "transient", duration: .seconds(70), lag: nil)
        metrics.attemptEnded(tool: gmail, outcome: "refreshed", duration: .milliseconds(120), lag: .milliseconds(500))
        metrics.attemptEnded(tool: gmail, outcome: "refreshed", duration: .milliseconds(5), lag: .seconds(7200))
        metrics.committed(batch: 1)
        metrics.committed(batch: 40)
        metrics.tokenIssued(tool: gmail)
        metrics.tokenIssued(tool: gmail)
        return metrics.text(
            ServiceGauges(
                tools: [
                    .init(
                        toolID: slack, counts: StatusCounts(healthy: 0, degraded: 2, needsReauthorization: 3)),
                    .init(toolID: gmail, counts: StatusCounts(healthy: 10), nextExpiry: .milliseconds(-1500)),
                ],
                due: 2, inFlight: 1, openBreakers: 1, heldResults: 4, isStoreFailing: true, isHeld: false))
    }

    @Test("the page is complete, and the same whenever the same happened")
    func page() throws {
        #expect(try sample() == Self.expected)
    }

    @Test("before anything happened, every metric is named")
    func names() throws {
        let names = RefreshMetrics().text(Self.nothing).split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(
            names.map(String.init)
                == Self.expected.split(separator: "\n").map(String.init).filter { $0.hasPrefix("# TYPE") })
    }

    @Test("what is told from many threads at once is all counted")
    func threads() throws {
        let metrics = RefreshMetrics()
        let gmail = try tool("gmail")
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for _ in 0..<1000 {
                metrics.attemptEnded(
                    tool: gmail, outcome: thread % 2 == 0 ? "refreshed" : "transient", duration: .seconds(1), lag: nil)
                if thread == 0 { _ = metrics.text(Self.nothing) }
            }
        }
        let text = metrics.text(Self.nothing)
        #expect(text.contains(#"toolauth_refreshes_total{tool="gmail",outcome="refreshed"} 4000"#))
        #expect(text.contains(#"toolauth_refreshes_total{tool="gmail",outcome="transient"} 4000"#))
        #expect(text.contains(#"toolauth_refresh_duration_seconds_sum{tool="gmail"} 8000"#))
    }

    @Test("Prometheus' own checker accepts the page", .enabled(if: promtool != nil))
    func checker() throws {
        let directory = try TemporaryDirectory()
        let file = writeFile(directory.file("page"), Array(try sample().utf8))
        #expect(system("\(promtool ?? "") check metrics < \(file) > \(directory.file("out")) 2>&1") == 0)
    }

    private static let expected = """
        # HELP toolauth_refreshes_total Refresh attempts that ended, by how.
        # TYPE toolauth_refreshes_total counter
        toolauth_refreshes_total{tool="gmail",outcome="refreshed"} 2
        toolauth_refreshes_total{tool="slack",outcome="transient"} 1
        # HELP toolauth_refresh_duration_seconds From sending a refresh to knowing its end.
        # TYPE toolauth_refresh_duration_seconds histogram
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="0.01"} 1
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="0.025"} 1
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="0.05"} 1
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="0.1"} 1
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="0.25"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="0.5"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="1"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="2.5"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="5"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="10"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="30"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="60"} 2
        toolauth_refresh_duration_seconds_bucket{tool="gmail",le="+Inf"} 2
        toolauth_refresh_duration_seconds_sum{tool="gmail"} 0.125
        toolauth_refresh_duration_seconds_count{tool="gmail"} 2
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="0.01"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="0.025"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="0.05"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="0.1"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="0.25"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="0.5"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="1"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="2.5"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="5"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="10"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="30"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="60"} 0
        toolauth_refresh_duration_seconds_bucket{tool="slack",le="+Inf"} 1
        toolauth_refresh_duration_seconds_sum{tool="slack"} 70
        toolauth_refresh_duration_seconds_count{tool="slack"} 1
        # HELP toolauth_refresh_lag_seconds How long after its due time a refresh ended.
        # TYPE toolauth_refresh_lag_seconds histogram
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="0.1"} 0
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="0.5"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="1"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="5"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="10"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="30"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="60"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="120"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="300"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="600"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="1800"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="3600"} 1
        toolauth_refresh_lag_seconds_bucket{tool="gmail",le="+Inf"} 2
        toolauth_refresh_lag_seconds_sum{tool="gmail"} 7200.5
        toolauth_refresh_lag_seconds_count{tool="gmail"} 2
        # HELP toolauth_records Stored grants.
        # TYPE toolauth_records gauge
        toolauth_records{tool="gmail",status="degraded"} 0
        toolauth_records{tool="gmail",status="healthy"} 10
        toolauth_records{tool="gmail",status="needs_reauthorization"} 0
        toolauth_records{tool="slack",status="degraded"} 2
        toolauth_records{tool="slack",status="healthy"} 0
        toolauth_records{tool="slack",status="needs_reauthorization"} 3
        # HELP toolauth_next_expiry_seconds Until the first access token ends; negative: one has ended.
        # TYPE toolauth_next_expiry_seconds gauge
        toolauth_next_expiry_seconds{tool="gmail"} -1.5
        # HELP toolauth_due Grants whose refresh is due.
        # TYPE toolauth_due gauge
        toolauth_due 2
        # HELP toolauth_inflight Refreshes under way.
        # TYPE toolauth_inflight gauge
        toolauth_inflight 1
        # HELP toolauth_endpoint_breaker_open Token endpoints that fail: only probes go out.
        # TYPE toolauth_endpoint_breaker_open gauge
        toolauth_endpoint_breaker_open 1
        # HELP toolauth_held_results Refreshes whose end the store has not taken yet.
        # TYPE toolauth_held_results gauge
        toolauth_held_results 4
        # HELP toolauth_store_failing 1: the store takes nothing that is written.
        # TYPE toolauth_store_failing gauge
        toolauth_store_failing 1
        # HELP toolauth_held 1: nothing is refreshed, as after a restore.
        # TYPE toolauth_held gauge
        toolauth_held 0
        # HELP toolauth_commit_batch_size How many writes shared a transaction of the store.
        # TYPE toolauth_commit_batch_size histogram
        toolauth_commit_batch_size_bucket{le="1"} 1
        toolauth_commit_batch_size_bucket{le="2"} 1
        toolauth_commit_batch_size_bucket{le="4"} 1
        toolauth_commit_batch_size_bucket{le="8"} 1
        toolauth_commit_batch_size_bucket{le="16"} 1
        toolauth_commit_batch_size_bucket{le="32"} 1
        toolauth_commit_batch_size_bucket{le="64"} 2
        toolauth_commit_batch_size_bucket{le="128"} 2
        toolauth_commit_batch_size_bucket{le="256"} 2
        toolauth_commit_batch_size_bucket{le="512"} 2
        toolauth_commit_batch_size_bucket{le="+Inf"} 2
        toolauth_commit_batch_size_sum 41
        toolauth_commit_batch_size_count 2
        # HELP toolauth_tokens_issued_total Access tokens handed out.
        # TYPE toolauth_tokens_issued_total counter
        toolauth_tokens_issued_total{tool="gmail"} 2

        """
}

/// Prometheus' own checker, where it is installed (Debian: prometheus); nothing else needs it.
private let promtool: String? = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
    .map { "\($0)/promtool" }.first { access($0, X_OK) == 0 }
