import Refresh
import Testing
import ToolAuthCore

@Suite("The schedule")
struct RefreshScheduleTests {
    struct LeadCase: Sendable, CustomTestStringConvertible {
        let lifetime: Duration
        let lead: Duration
        let span: Duration
        var change: @Sendable (inout RefreshPolicy) -> Void = { _ in }
        var testDescription: String { "\(lifetime) → \(lead), \(span)" }
    }

    @Test(
        "lead and jitter follow the lifetime",
        arguments: [
            LeadCase(lifetime: .seconds(3600), lead: .seconds(900), span: .seconds(360)),
            LeadCase(lifetime: .seconds(600), lead: .seconds(150), span: .seconds(60)),
            // A quarter of four minutes is the minimum; below, half of the life.
            LeadCase(lifetime: .seconds(240), lead: .seconds(60), span: .seconds(24)),
            LeadCase(lifetime: .seconds(239), lead: .milliseconds(119_500), span: .milliseconds(23_900)),
            LeadCase(lifetime: .seconds(60), lead: .seconds(30), span: .seconds(6)),
            // Sixty days: the maximum of seven, and then no room for jitter.
            LeadCase(lifetime: .seconds(60 * 86_400), lead: .seconds(7 * 86_400), span: .zero),
            // A minimum beyond half of the life is cut to it.
            LeadCase(lifetime: .seconds(600), lead: .seconds(300), span: .seconds(60)) {
                $0.aheadMinimum = .seconds(500)
            },
            // The provider refuses more than half a minute before expiry.
            LeadCase(lifetime: .seconds(600), lead: .seconds(30), span: .zero) { $0.earliest = .seconds(30) },
            LeadCase(lifetime: .seconds(3600), lead: .seconds(900), span: .seconds(100)) {
                $0.earliest = .seconds(1000)
            },
            LeadCase(lifetime: .seconds(3600), lead: .seconds(1800), span: .seconds(360)) { $0.aheadFraction = 0.5 },
            LeadCase(lifetime: .seconds(3600), lead: .seconds(900), span: .seconds(450)) { $0.jitter = 1 },
        ])
    func leadAndJitter(_ example: LeadCase) {
        let schedule = RefreshSchedule(policy(example.change))
        #expect(schedule.lead(lifetime: example.lifetime) == example.lead)
        #expect(schedule.jitterSpan(lifetime: example.lifetime) == example.span)
    }

    @Test(
        "refreshAt is lead and drawn jitter before the end",
        arguments: [(0.0, 2700.0), (0.5, 2520.0), (0.999, 2340.36)])
    func refreshAt(uniform: Double, seconds: Double) {
        let at = RefreshSchedule(policy()).refreshAt(
            obtainedAt: start, expiresAt: start + .seconds(3600), uniform: uniform)
        #expect(abs((at - start).inSeconds - seconds) < 0.002)
    }

    @Test(
        "a refresh never comes sooner than ten seconds or a tenth of the life",
        arguments: [(12, 10), (30, 12), (15, 10)])
    func leastDistance(lifetime: Int, seconds: Int) {
        let at = RefreshSchedule(policy()).refreshAt(
            obtainedAt: start, expiresAt: start + .seconds(lifetime), uniform: 0.9999)
        #expect(at - start >= .seconds(10))
        #expect(at - start <= .seconds(max(seconds, lifetime / 2)))
    }

    @Test("a grant without a refresh token comes due when its token ends")
    func withoutRefreshToken() {
        var record = grant(refreshToken: nil).record
        RefreshSchedule(policy()).plan(&record, now: start, uniform: 0)
        #expect(record.refreshAt == start + .seconds(3600))
        #expect(record.keepaliveAt == nil)
    }

    @Test("a grant without refresh token and without end is never due")
    func neverDue() {
        var record = grant(lifetime: nil, refreshToken: nil).record
        RefreshSchedule(policy()).plan(&record, now: start, uniform: 0)
        #expect(record.dueAt == nil)
    }

    @Test("a refresh token alone is due at once")
    func refreshTokenAlone() {
        var record = grant().record
        record.hasAccessToken = false
        RefreshSchedule(policy()).plan(&record, now: start + .seconds(5), uniform: 0)
        #expect(record.dueAt == start + .seconds(5))
    }

    @Test("on demand nothing is scheduled but the keep-alive")
    func onDemand() {
        var record = grant().record
        let schedule = RefreshSchedule(
            policy {
                $0.eagerness = .onDemand
                $0.refreshTokenIdle = .seconds(1000)
            })
        schedule.plan(&record, now: start, uniform: 0)
        #expect(record.refreshAt == nil)
        #expect(record.keepaliveAt == start + .seconds(500))
        #expect(record.dueAt == start + .seconds(500))
    }

    @Test("what is due is the next attempt if one is set, else the earlier of refresh and keep-alive")
    func dueAt() {
        var record = grant().record
        record.refreshAt = start + .seconds(20)
        record.keepaliveAt = start + .seconds(10)
        #expect(record.dueAt == start + .seconds(10))
        record.nextAttemptAt = start + .seconds(30)
        #expect(record.dueAt == start + .seconds(30))
        record.attempt = Attempt(id: "a", startedAt: start)
        #expect(record.dueAt == nil)
        record.attempt = nil
        record.status = .needsReauthorization(.grantRejected)
        #expect(record.dueAt == nil)
    }
}

@Suite("Back-off")
struct BackoffTests {
    @Test(
        "the limit doubles up to its ceiling",
        arguments: [(0, 2), (1, 2), (2, 4), (5, 32), (9, 512), (10, 900), (500, 900)])
    func limit(failures: Int, seconds: Int) {
        #expect(Backoff.transient.limit(failures: failures) == .seconds(seconds))
    }

    @Test("the wait lies between floor and limit", arguments: [0.0, 0.25, 0.999])
    func wait(uniform: Double) {
        for failures in 1...12 {
            let wait = Backoff.transient.wait(failures: failures, uniform: uniform)
            #expect(wait >= .seconds(1))
            #expect(wait <= Backoff.transient.limit(failures: failures))
        }
    }

    @Test("a rejected request waits from half an hour to a day")
    func rejected() {
        #expect(Backoff.rejected.wait(failures: 1, uniform: 0) == .seconds(1800))
        #expect(Backoff.rejected.limit(failures: 1) == .seconds(3600))
        #expect(Backoff.rejected.limit(failures: 9) == .seconds(86_400))
    }
}
