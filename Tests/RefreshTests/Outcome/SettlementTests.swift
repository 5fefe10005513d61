import Refresh
import Testing
import ToolAuthCore

@Suite("What an outcome does to a grant")
struct SettlementTests {
    let now = start + .seconds(3000)

    func settle(
        _ outcome: RefreshOutcome, uniform: Double = 0.5, _ change: (inout RefreshPolicy) -> Void = { _ in }
    ) -> Settlement {
        settle(grant(), outcome, uniform: uniform, change)
    }

    func settle(
        _ toolAuth: ToolAuth, _ outcome: RefreshOutcome, after elapsed: Duration = .zero, uniform: Double = 0.5,
        isReported: Bool = true, _ change: (inout RefreshPolicy) -> Void = { _ in }
    ) -> Settlement {
        var claimed = toolAuth
        let now = now + elapsed
        claimed.record.attempt = Attempt(id: "attempt", startedAt: now - .seconds(1))
        return Settling(policy: policy(change), now: now, uniform: uniform)
            .settle(claimed, outcome, isReported: isReported)
    }

    // MARK: Success

    @Test("new tokens replace the old ones and begin a new generation")
    func refreshed() {
        let settled = settle(.refreshed(reply(at: now)))
        #expect(settled.tokensChanged)
        #expect(settled.events == [.refreshed])
        #expect(settled.toolAuth.accessToken == Secret("access-2"))
        #expect(settled.toolAuth.refreshToken == Secret("refresh-2"))
        let record = settled.toolAuth.record
        #expect(record.status == .healthy)
        #expect(record.obtainedAt == now)
        #expect(record.expiresAt == now + .seconds(3600))
        #expect(record.refreshAt == now + .seconds(2520))
        #expect(record.lastRefreshedAt == now)
        #expect(record.attempt == nil)
    }

    @Test("an absent refresh token keeps the old one (RFC 6749 §6)")
    func keepsRefreshToken() {
        #expect(settle(.refreshed(reply(at: now, refreshToken: nil))).toolAuth.refreshToken == Secret("refresh-1"))
    }

    @Test("the client and the origin of the new tokens are stored where the grant names them, else they stay")
    func binding() {
        let kept = settle(.refreshed(reply(at: now))).toolAuth.record
        #expect(kept.clientID == "client")
        #expect(kept.tokenOrigin == "https://provider.test:443")
        var granted = reply(at: now)
        granted.clientID = "client-2"
        granted.tokenOrigin = "https://b.test:443"
        let moved = settle(.refreshed(granted)).toolAuth.record
        #expect(moved.clientID == "client-2")
        #expect(moved.tokenOrigin == "https://b.test:443")
    }

    @Test("a granted scope is stored, an absent one keeps what was granted")
    func scope() {
        #expect(settle(.refreshed(reply(at: now, scope: "write"))).toolAuth.record.scope == "write")
        #expect(settle(.refreshed(reply(at: now))).toolAuth.record.scope == "read")
    }

    @Test("the first success after failures is a recovery")
    func recovered() {
        var broken = grant(status: .degraded)
        broken.record.consecutiveFailures = 4
        broken.record.nextAttemptAt = now
        broken.record.unsettledSince = now
        broken.record.unsettledResends = 1
        let settled = settle(broken, .refreshed(reply(at: now)))
        #expect(settled.events == [.refreshed, .recovered])
        #expect(settled.toolAuth.record.consecutiveFailures == 0)
        #expect(settled.toolAuth.record.lastError == nil)
        #expect(settled.toolAuth.record.nextAttemptAt == nil)
        #expect(settled.toolAuth.record.unsettledSince == nil)
        #expect(settled.toolAuth.record.unsettledResends == 0)
    }

    @Test("a token that lives ten seconds is stored and counts as a failure")
    func shortLife() {
        let settled = settle(.refreshed(reply(at: now, lifetime: .seconds(10))))
        #expect(settled.tokensChanged)
        #expect(settled.toolAuth.record.status == .degraded)
        #expect(settled.toolAuth.record.consecutiveFailures == 1)
        #expect(settled.toolAuth.record.nextAttemptAt != nil)
        #expect(settled.events == [.refreshed, .degraded])
    }

    @Test("a token of an unknown type is stored and the record degraded")
    func unusable() {
        let settled = settle(.refreshed(reply(at: now, isUsable: false)))
        #expect(settled.tokensChanged)
        #expect(settled.toolAuth.record.status == .degraded)
        #expect(settled.toolAuth.record.lastError?.code == "unknown_token_type")
    }

    // MARK: Failure

    @Test("a transient failure backs off and keeps tokens and generation")
    func transient() {
        let settled = settle(.transient(failure, retryAfter: nil, atEndpoint: false))
        #expect(!settled.tokensChanged)
        #expect(settled.events == [.degraded])
        let record = settled.toolAuth.record
        #expect(record.status == .degraded)
        #expect(record.consecutiveFailures == 1)
        #expect(record.lastError == failure)
        #expect(record.nextAttemptAt == now + .milliseconds(1500))
        #expect(record.unsettledSince == nil)
        #expect(settled.toolAuth.refreshToken == Secret("refresh-1"))
    }

    @Test("a degraded record fails again in silence")
    func silent() {
        #expect(
            settle(grant(status: .degraded), .transient(failure, retryAfter: nil, atEndpoint: false)).events.isEmpty)
    }

    @Test("Retry-After wins over a shorter back-off")
    func retryAfter() {
        let settled = settle(.transient(failure, retryAfter: .seconds(90), atEndpoint: false))
        #expect(settled.toolAuth.record.nextAttemptAt == now + .seconds(90))
    }

    @Test("a refused client is tried every five minutes and ends no grant")
    func clientRejected() {
        let settled = settle(.clientRejected(failure))
        #expect(settled.toolAuth.record.status == .degraded)
        #expect(settled.toolAuth.record.nextAttemptAt == now + .seconds(300))
        #expect(!settled.tokensChanged)
        #expect(settled.toolAuth.accessToken == grant().accessToken)
        #expect(settled.toolAuth.refreshToken == Secret("refresh-1"))
    }

    @Test("a refused request backs off by hours and ends no grant")
    func requestRejected() {
        let record = settle(.requestRejected(failure)).toolAuth.record
        #expect(record.status == .degraded)
        #expect(record.nextAttemptAt == now + .seconds(2700))
    }

    // MARK: Refused grants

    @Test("where refresh tokens stay, a refused grant is confirmed after a minute before it is given up")
    func confirmed() {
        let first = settle(.grantRejected(failure))
        #expect(first.toolAuth.record.status == .degraded)
        #expect(first.toolAuth.record.nextAttemptAt == now + .seconds(60))
        let tooSoon = settle(first.toolAuth, .grantRejected(failure), after: .seconds(59))
        #expect(tooSoon.toolAuth.record.status == .degraded)
        #expect(tooSoon.toolAuth.record.nextAttemptAt == now + .seconds(60))
        let second = settle(first.toolAuth, .grantRejected(failure), after: .seconds(60))
        #expect(second.toolAuth.record.status == .needsReauthorization(.grantRejected))
        #expect(second.events == [.reauthorizationRequired])
        #expect(second.toolAuth.record.dueAt == nil)
        #expect(second.toolAuth.refreshToken == Secret("refresh-1"))
    }

    @Test("a time-out between refusal and confirmation does not begin the confirmation anew")
    func confirmationOutlivesTransients() {
        let first = settle(.grantRejected(failure))
        let between = settle(first.toolAuth, .transient(failure, retryAfter: nil, atEndpoint: false))
        let second = settle(between.toolAuth, .grantRejected(failure), after: .seconds(60))
        #expect(second.toolAuth.record.status == .needsReauthorization(.grantRejected))
    }

    @Test("a provider that rotates is believed at once", arguments: [RefreshPolicy.Rotation.rotating, .singleUse])
    func believed(rotation: RefreshPolicy.Rotation) {
        let settled = settle(.grantRejected(failure)) { $0.rotation = rotation }
        #expect(settled.toolAuth.record.status == .needsReauthorization(.grantRejected))
    }

    @Test("refused while unsettled means that a reply was lost")
    func replyLost() {
        var unsettled = grant(status: .degraded)
        unsettled.record.unsettledSince = start
        let settled = settle(unsettled, .grantRejected(failure)) { $0.rotation = .singleUse }
        #expect(settled.toolAuth.record.status == .needsReauthorization(.replyLost))
    }

    // MARK: Ambiguous ends

    @Test("without rotation an ambiguous end is an ordinary retry")
    func ambiguousWithoutRotation() {
        let record = settle(.ambiguous(failure)).toolAuth.record
        #expect(record.unsettledSince == nil)
        #expect(record.nextAttemptAt == now + .milliseconds(1500))
    }

    @Test("inside the replay window the same token is sent again at once")
    func replayed() {
        let record = settle(.ambiguous(failure)) {
            $0.rotation = .singleUse
            $0.replayWindow = .seconds(30)
        }.toolAuth.record
        #expect(record.unsettledSince == now - .seconds(1))
        #expect(record.nextAttemptAt == now)
    }

    @Test("without a window it waits for the request to have ended and for the token to near its end")
    func late() {
        let record = settle(.ambiguous(failure)) { $0.rotation = .singleUse }.toolAuth.record
        #expect(record.nextAttemptAt == start + .seconds(3600 - 120))
        var ended = grant()
        ended.record.expiresAt = now - .seconds(1)
        let late = settle(ended, .ambiguous(failure)) { $0.rotation = .singleUse }.toolAuth.record
        #expect(late.nextAttemptAt == now + .seconds(30))
    }

    @Test("after two resends it rests for fifteen minutes")
    func resends() {
        var toolAuth = grant()
        toolAuth.record.expiresAt = now
        var waits: [Duration] = []
        for _ in 0..<4 {
            toolAuth = settle(toolAuth, .ambiguous(failure)) { $0.rotation = .singleUse }.toolAuth
            waits.append((toolAuth.record.nextAttemptAt ?? now) - now)
        }
        #expect(waits == [.seconds(30), .seconds(30), .seconds(900), .seconds(900)])
    }

    // MARK: Malformed, unrefreshable

    @Test("a refresh token in a malformed reply is kept before anything else")
    func rescued() {
        let settled = settle(.malformed(failure, refreshToken: Secret("refresh-2"))) { $0.rotation = .singleUse }
        #expect(settled.tokensChanged)
        #expect(settled.toolAuth.refreshToken == Secret("refresh-2"))
        #expect(settled.toolAuth.accessToken == Secret("access-1"))
        #expect(settled.toolAuth.record.status == .degraded)
        #expect(settled.toolAuth.record.unsettledSince == nil)
    }

    @Test("a malformed reply without one is ambiguous")
    func malformed() {
        let settled = settle(.malformed(failure, refreshToken: nil)) { $0.rotation = .singleUse }
        #expect(!settled.tokensChanged)
        #expect(settled.toolAuth.record.unsettledSince != nil)
    }

    @Test("a grant that cannot be refreshed is dead once its token has ended, not before")
    func unrefreshable() {
        let alive = settle(grant(refreshToken: nil), .unrefreshable)
        #expect(alive.toolAuth.record.status == .healthy)
        #expect(alive.events.isEmpty)
        #expect(alive.toolAuth.record.dueAt == start + .seconds(3600))
        let dead = settle(grant(lifetime: .seconds(60), refreshToken: nil), .unrefreshable)
        #expect(dead.toolAuth.record.status == .needsReauthorization(.expiredUnrefreshable))
        #expect(dead.events == [.reauthorizationRequired])
    }

    @Test(
        "a token without an end is dead only if somebody says that the provider refused it", arguments: [true, false])
    func endless(isReported: Bool) {
        var endless = grant(lifetime: nil, refreshToken: nil)
        endless.record.keepaliveAt = start
        let settled = settle(endless, .unrefreshable, isReported: isReported)
        #expect((settled.toolAuth.record.status == .healthy) == !isReported)
        #expect(settled.toolAuth.record.dueAt == nil)
    }
}
