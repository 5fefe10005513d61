package import ToolAuthCore

/// What the end of an attempt says of the endpoint, whoever's grant it was.
package enum EndpointSignal: Sendable, Equatable {
    /// It answers: with tokens, or with a refusal of this one request.
    case answered
    /// It answers that it is asked too much (429, `slow_down`).
    case overloaded
    /// It could not be reached at all: no name, no connection, no TLS.
    case unreachable
    /// It was reached and did not do its work: 5xx, a time-out, a connection cut, a page of some proxy.
    case failed
    /// Nothing can be told: nothing was sent, or our own side ended it.
    case silent

    package init(_ outcome: RefreshOutcome) {
        switch outcome {
        case .refreshed, .grantRejected, .clientRejected: self = .answered
        case .requestRejected(let failure): self = failure.providerStatus == nil ? .silent : .answered
        case .transient(_, _, atEndpoint: true): self = .unreachable
        case .transient(let failure, _, atEndpoint: false):
            if failure.providerStatus == 429 || failure.code == "slow_down" {
                self = .overloaded
            } else {
                self = failure.providerStatus == nil ? .silent : .failed
            }
        case .ambiguous: self = .failed
        case .malformed, .unrefreshable: self = .silent
        }
    }
}
