import SocketAPI
import ToolAuthCore

/// The live screen: the status, and how much is going on.
struct TopScreen {
    let status: StatusBody
    /// nil: it was asked for once only, or this caller may not see the metrics.
    let throughput: Throughput?
    let now: Timestamp
    let painter: Painter

    func lines(width: Int) -> [String] {
        var lines = StatusScreen(status: status, now: now, painter: painter, width: width).lines
        if let throughput {
            lines.insert(
                "\(rate(throughput.refreshes)) refreshes/s, \(rate(throughput.tokens)) tokens read/s, "
                    + "\(rate(throughput.requests)) requests/s", at: min(lines.count, 1))
        }
        return lines
    }

    private func rate(_ value: Double) -> String {
        if value <= 0 { return "0" }
        if value >= 100 { return String(Int(value.rounded())) }
        let tenths = Int((value * 10).rounded())
        return tenths == 0 ? "<0.1" : "\(tenths / 10).\(tenths % 10)"
    }
}

/// Sums of counters at one instant.
struct MetricSums: Equatable {
    var refreshes = 0.0
    var tokens = 0.0
    var requests = 0.0

    /// Reads Prometheus' text format as far as it is needed.
    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            switch line.prefix(while: { $0 != "{" && $0 != " " }) {
            case "toolauth_refreshes_total": refreshes += value
            case "toolauth_tokens_issued_total": tokens += value
            case "toolauth_api_requests_total": requests += value
            default: break
            }
        }
    }
}

/// What happened in a second, on average.
struct Throughput: Equatable {
    let refreshes: Double
    let tokens: Double
    let requests: Double

    /// - Returns: nil for no time at all, and for counters that began anew.
    init?(from earlier: MetricSums, to later: MetricSums, in duration: Duration) {
        let seconds = duration / .seconds(1)
        guard seconds > 0, later.refreshes >= earlier.refreshes, later.requests >= earlier.requests else { return nil }
        refreshes = (later.refreshes - earlier.refreshes) / seconds
        tokens = max(0, later.tokens - earlier.tokens) / seconds
        requests = (later.requests - earlier.requests) / seconds
    }
}
