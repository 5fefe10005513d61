import Refresh
import Testing
import ToolAuthCore

@Suite("Reading a token")
struct TokenReadingTests {
    func decide(
        _ toolAuth: ToolAuth = grant(), after elapsed: Duration, minimum: Duration = .seconds(60),
        obstacle: ToolObstacle? = nil, isUsableType: Bool = true, _ change: (inout RefreshPolicy) -> Void = { _ in }
    ) -> TokenReading.Decision {
        TokenReading(policy: policy(change), obstacle: obstacle, isUsableType: isUsableType, now: start + elapsed)
            .decide(toolAuth.record, TokenQuery(minimumValidity: minimum))
    }

    func errorCode(_ decision: TokenReading.Decision) -> String? {
        if case .fail(let error) = decision { error.code.name } else { nil }
    }

    func warning(_ decision: TokenReading.Decision) -> TokenWarning.Kind? {
        if case .serve(let warning) = decision { warning?.kind } else { nil }
    }

    @Test("a token with the asked-for life is served at once")
    func served() {
        #expect(decide(after: .seconds(3540)) == .serve(nil))
    }

    @Test("a token without an end is served whatever was asked for")
    func endless() {
        #expect(decide(grant(lifetime: nil), after: .seconds(1_000_000), minimum: .seconds(86_400)) == .serve(nil))
    }

    @Test("less life than asked for asks for a refresh, the valid token in reserve")
    func refreshes() {
        guard case .refresh(let fallback, true) = decide(after: .seconds(3541)) else {
            Issue.record("no refresh was asked for")
            return
        }
        #expect(fallback?.kind == .shorterThanAsked)
    }

    @Test("an expired token is never served")
    func expired() {
        #expect(decide(after: .seconds(3600)) == .refresh(fallback: nil, isValid: false))
    }

    @Test(
        "a token younger than thirty seconds or half its life is not refreshed for a longer one",
        arguments: [(Duration.seconds(29), false), (.seconds(30), true)])
    func young(elapsed: Duration, asks: Bool) {
        let decision = decide(after: elapsed, minimum: .seconds(86_400))
        #expect((warning(decision) == .shorterThanAsked) == !asks)
    }

    @Test("before the provider's earliest no refresh is asked for")
    func earliest() {
        let decision = decide(after: .seconds(3500), minimum: .seconds(600)) { $0.earliest = .seconds(30) }
        #expect(warning(decision) == .shorterThanAsked)
    }

    @Test("a degraded record is served with the failure as a warning")
    func degraded() {
        var toolAuth = grant(status: .degraded)
        toolAuth.record.lastError = failure
        #expect(decide(toolAuth, after: .seconds(10)) == .serve(TokenWarning(.refreshFailed, "It failed.")))
    }

    @Test("a back-off is respected while the token is valid")
    func backoffWhileValid() {
        var toolAuth = grant(status: .degraded)
        toolAuth.record.nextAttemptAt = start + .seconds(3590)
        #expect(warning(decide(toolAuth, after: .seconds(3580))) == .refreshFailed)
    }

    @Test("a dead grant's valid token comes with a warning, its expired one with a conflict")
    func dead() {
        let toolAuth = grant(status: .needsReauthorization(.grantRejected))
        #expect(warning(decide(toolAuth, after: .seconds(10))) == .reauthorizationRequired)
        guard case .fail(let error) = decide(toolAuth, after: .seconds(3600)) else {
            Issue.record("an expired token of a dead grant must fail")
            return
        }
        #expect(error.code == .reauthorizationRequired)
        #expect(error.reason == "grant_rejected")
        #expect(error.since == start)
    }

    @Test("an expired token that nothing can refresh requires the user")
    func unrefreshable() {
        #expect(errorCode(decide(grant(refreshToken: nil), after: .seconds(3600))) == "reauthorization-required")
    }

    @Test("a paused tool's valid token comes with a warning, its expired one says why there is none")
    func paused() {
        let obstacle = ToolObstacle(isPaused: true, detail: "Paused.")
        #expect(warning(decide(after: .seconds(10), obstacle: obstacle)) == .toolPaused)
        #expect(errorCode(decide(after: .seconds(3600), obstacle: obstacle)) == "tool-paused")
        let broken = ToolObstacle(isPaused: false, detail: "Broken.")
        #expect(errorCode(decide(after: .seconds(3600), obstacle: broken)) == "tool-unavailable")
    }

    @Test("a token of an unknown type is not handed out, and not refreshed for every reader")
    func unusable() {
        #expect(errorCode(decide(after: .seconds(10), isUsableType: false)) == "provider-error")
        #expect(decide(after: .seconds(3600), isUsableType: false) == .refresh(fallback: nil, isValid: false))
    }

    @Test("a refusal that waits for its confirmation is not confirmed by impatience")
    func confirmation() {
        var toolAuth = grant(status: .degraded)
        toolAuth.record.lastOutcome = "grant_rejected"
        toolAuth.record.lastAttemptAt = start + .seconds(3980)
        toolAuth.record.grantRejectedAt = start + .seconds(3980)
        toolAuth.record.nextAttemptAt = start + .seconds(4040)
        #expect(errorCode(decide(toolAuth, after: .seconds(4000))) == "provider-unreachable")
        #expect(decide(toolAuth, after: .seconds(4040)) == .refresh(fallback: nil, isValid: false))
    }

    @Test(
        "a reader of an expired token overrides a back-off once per ten seconds", arguments: [(9, false), (10, true)])
    func override(secondsSinceAttempt: Int, asks: Bool) {
        var toolAuth = grant(status: .degraded)
        toolAuth.record.lastOutcome = "transient"
        toolAuth.record.lastAttemptAt = start + .seconds(4000 - secondsSinceAttempt)
        toolAuth.record.nextAttemptAt = start + .seconds(5000)
        let decision = decide(toolAuth, after: .seconds(4000))
        #expect((decision == .refresh(fallback: nil, isValid: false)) == asks)
        if !asks { #expect(errorCode(decision) == "provider-unreachable") }
    }

    @Test(
        "after a refused request a reader is told what the provider said",
        arguments: ["request_rejected", "client_rejected"])
    func refused(outcome: String) {
        var toolAuth = grant(status: .degraded)
        toolAuth.record.lastOutcome = outcome
        toolAuth.record.lastError = failure
        toolAuth.record.nextAttemptAt = start + .seconds(9000)
        #expect(errorCode(decide(toolAuth, after: .seconds(4000))) == "provider-error")
    }

    @Test("an unsettled single-use token is not sent again for a reader before the request must have ended")
    func unsettled() {
        var toolAuth = grant(status: .degraded)
        toolAuth.record.unsettledSince = start + .seconds(3990)
        toolAuth.record.lastAttemptAt = start + .seconds(3990)
        toolAuth.record.nextAttemptAt = start + .seconds(4900)
        let change: (inout RefreshPolicy) -> Void = { $0.rotation = .singleUse }
        #expect(errorCode(decide(toolAuth, after: .seconds(4019), change)) == "provider-unreachable")
        #expect(decide(toolAuth, after: .seconds(4020), change) == .refresh(fallback: nil, isValid: false))
        toolAuth.record.unsettledResends = 2
        #expect(errorCode(decide(toolAuth, after: .seconds(4020), change)) == "provider-unreachable")
    }
}
