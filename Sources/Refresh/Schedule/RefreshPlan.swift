import ToolAuthCore

/// The plan by which due times are made, as text to compare: a tool whose text changed has its records planned anew.
package enum RefreshPlan {
    /// - Parameter version: goes up when the formulas change.
    package static func text(_ tool: RefreshableTool, version: Int = 1) -> String {
        let policy = tool.policy
        let durations: [(String, Duration?)] = [
            ("min", policy.aheadMinimum), ("max", policy.aheadMaximum), ("earliest", policy.earliest),
            ("at_least", policy.atLeast), ("assumed", policy.assumedLifetime), ("idle", policy.refreshTokenIdle),
            ("lifetime", policy.refreshTokenLifetime), ("absolute", policy.refreshTokenAbsolute),
            ("idle_after", policy.eagerness == .active ? policy.idleAfter : nil), ("replay", policy.replayWindow),
        ]
        let spans = durations.map { name, span in "\(name)=\(span.map { "\($0.wholeMilliseconds)" } ?? "-")" }
        return
            ([
                "v\(version)", policy.method.rawValue, policy.rotation.rawValue, policy.eagerness.rawValue,
                "ahead=\(policy.aheadFraction)", "jitter=\(policy.jitter)",
            ] + spans + [tool.endpoint.rawValue]).joined(separator: " ")
    }
}
