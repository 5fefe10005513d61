package import ToolAuthCore

/// What is not counted as it happens, but read when metrics are asked for.
package struct ServiceGauges: Sendable {
    package struct Tool: Sendable {
        package var toolID: ToolID
        /// Its stored grants.
        package var counts: StatusCounts
        /// Until the first of its access tokens ends whose grant is alive; negative: one has ended. nil: not known, or
        /// none has an end.
        package var nextExpiry: Duration?

        package init(toolID: ToolID, counts: StatusCounts, nextExpiry: Duration? = nil) {
            self.toolID = toolID
            self.counts = counts
            self.nextExpiry = nextExpiry
        }
    }

    package var tools: [Tool]
    /// Grants whose refresh is due.
    package var due: Int
    /// Refreshes under way.
    package var inFlight: Int
    /// Token endpoints whose circuit breaker is open.
    package var openBreakers: Int
    /// Refreshes whose end could not be stored yet.
    package var heldResults: Int
    /// Whether the store takes nothing that is written.
    package var isStoreFailing: Bool
    /// Whether nothing is refreshed, since another daemon may do it.
    package var isHeld: Bool

    package init(
        tools: [Tool], due: Int, inFlight: Int, openBreakers: Int, heldResults: Int, isStoreFailing: Bool, isHeld: Bool
    ) {
        self.tools = tools
        self.due = due
        self.inFlight = inFlight
        self.openBreakers = openBreakers
        self.heldResults = heldResults
        self.isStoreFailing = isStoreFailing
        self.isHeld = isHeld
    }

    func write(to page: inout MetricsText) {
        let tools = tools.sorted { $0.toolID < $1.toolID }
        page.family("toolauth_records", .gauge, "Stored grants.")
        for tool in tools {
            let counts = [
                ("degraded", tool.counts.degraded), ("healthy", tool.counts.healthy),
                ("needs_reauthorization", tool.counts.needsReauthorization),
            ]
            for (status, count) in counts {
                page.sample(
                    "toolauth_records", [(.tool, tool.toolID.rawValue), (.status, status)], Double(count))
            }
        }
        page.family(
            "toolauth_next_expiry_seconds", .gauge, "Until the first access token ends; negative: one has ended.")
        for tool in tools {
            guard let nextExpiry = tool.nextExpiry else { continue }
            page.sample("toolauth_next_expiry_seconds", [(.tool, tool.toolID.rawValue)], nextExpiry.inSeconds)
        }
        let others: [(String, String, Int)] = [
            ("toolauth_due", "Grants whose refresh is due.", due),
            ("toolauth_inflight", "Refreshes under way.", inFlight),
            ("toolauth_endpoint_breaker_open", "Token endpoints that fail: only probes go out.", openBreakers),
            ("toolauth_held_results", "Refreshes whose end the store has not taken yet.", heldResults),
            ("toolauth_store_failing", "1: the store takes nothing that is written.", isStoreFailing ? 1 : 0),
            ("toolauth_held", "1: nothing is refreshed, as after a restore.", isHeld ? 1 : 0),
        ]
        for (name, help, value) in others {
            page.family(name, .gauge, help)
            page.sample(name, [], Double(value))
        }
    }
}
