import Refresh
import Testing
import ToolAuthCore

@Suite("What an outcome says of its endpoint")
struct EndpointSignalTests {
    static func failure(_ code: String = "test", status: Int? = nil) -> AttemptFailure {
        AttemptFailure(code: code, detail: "It failed.", providerStatus: status)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let outcome: RefreshOutcome
        let signal: EndpointSignal
        var testDescription: String { "\(outcome.name) \(outcome.failure?.providerStatus ?? 0) → \(signal)" }
    }

    @Test(
        "each outcome has its signal",
        arguments: [
            Case(outcome: .refreshed(reply(at: start)), signal: .answered),
            // A refusal of one request is an answer.
            Case(outcome: .grantRejected(failure(status: 400)), signal: .answered),
            Case(outcome: .clientRejected(failure(status: 401)), signal: .answered),
            Case(outcome: .requestRejected(failure(status: 400)), signal: .answered),
            // Refused here: nothing was sent.
            Case(outcome: .requestRejected(failure()), signal: .silent),
            Case(
                outcome: .transient(failure(status: 429), retryAfter: .seconds(3), atEndpoint: false),
                signal: .overloaded),
            Case(
                outcome: .transient(failure("slow_down", status: 400), retryAfter: nil, atEndpoint: false),
                signal: .overloaded),
            Case(outcome: .transient(failure(status: 503), retryAfter: nil, atEndpoint: false), signal: .failed),
            Case(outcome: .transient(failure(), retryAfter: nil, atEndpoint: false), signal: .silent),
            Case(outcome: .transient(failure("dns"), retryAfter: nil, atEndpoint: true), signal: .unreachable),
            Case(outcome: .ambiguous(failure("timeout")), signal: .failed),
            Case(outcome: .malformed(failure(status: 200), refreshToken: nil), signal: .silent),
            Case(outcome: .unrefreshable, signal: .silent),
        ])
    func signal(_ example: Case) {
        #expect(EndpointSignal(example.outcome) == example.signal)
    }
}
