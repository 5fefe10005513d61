import ToolAuthCore

/// What does not go together in a policy, and at which key of `refresh` it is told.
struct PolicyFinding: Equatable {
    let key: String
    let message: String
}

extension RefreshPolicy {
    /// What of it cannot be. Single values were checked where they stand.
    var contradictions: [PolicyFinding] {
        var findings: [PolicyFinding] = []
        if aheadMinimum > aheadMaximum {
            let (least, most) = (ScalarForms.text(aheadMinimum), ScalarForms.text(aheadMaximum))
            findings.append(PolicyFinding(key: "ahead", message: "min (\(least)) is more than max (\(most))"))
        }
        if let atLeast, let rate, rate.scope == .record, atLeast < rate.per / rate.requests {
            let allowed = "\(rate.requests) in \(ScalarForms.text(rate.per))"
            findings.append(
                PolicyFinding(
                    key: "at_least",
                    message: "is every \(ScalarForms.text(atLeast)), and 'rate' allows each grant \(allowed)"))
        }
        return findings
    }

    /// What of `document`, a layer of it, will not be kept to. An `idle_after` with another policy than `active` is none of
    /// that: it waits for the policy to be changed.
    func warnings(about document: PolicyDocument) -> [PolicyFinding] {
        var findings: [PolicyFinding] = []
        if let idleAfter = document.idleAfter, eagerness == .active, idleAfter < .seconds(3600) {
            findings.append(
                PolicyFinding(
                    key: "idle_after",
                    message: "is shorter than 1h; fetches are noted once an hour, so some are overlooked"
                ))
        }
        if document.atLeast != nil, eagerness == .onDemand {
            findings.append(
                PolicyFinding(
                    key: "at_least", message: "has no effect: with policy on_demand nothing is refreshed ahead of time")
            )
        }
        return findings
    }
}
