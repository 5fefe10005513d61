import Refresh
import Testing
import ToolAuthCore

@Suite("Replanning")
struct ReplanningTests {
    static let boot = BootReference(bootID: 7, offset: 1_000_000)
    let boot = boot
    let now = start + .seconds(1000)

    func apply(
        _ change: Replanning, boot: BootReference? = boot, uniform: Double = 0.5,
        _ prepare: (inout ToolAuthRecord) -> Void = { _ in }
    ) -> (record: ToolAuthRecord, changed: Bool) {
        var record = grant().record
        prepare(&record)
        let changed = change.apply(to: &record, at: Moment(now, boot: boot), uniform: uniform)
        return (record, changed)
    }

    // MARK: A new policy

    @Test("due times are made anew, and back-off ends")
    func planned() {
        let half = policy { $0.aheadFraction = 0.5 }
        let (record, changed) = apply(.policy(half), uniform: 0) {
            $0.refreshAt = start + .seconds(2700)
            $0.nextAttemptAt = start + .seconds(9000)
        }
        #expect(changed)
        #expect(record.refreshAt == start + .seconds(1800))
        #expect(record.nextAttemptAt == nil)
    }

    @Test("what failed is tried again over ten minutes, however far its token's end is")
    func failed() {
        let (record, _) = apply(.policy(policy()), uniform: 0.5) {
            $0.status = .degraded
            $0.nextAttemptAt = start + .seconds(86_400)
        }
        #expect(record.nextAttemptAt == now + .seconds(300))
    }

    @Test("what failed and is due anyway does not wait that long")
    func failedAndDue() {
        var record = grant(lifetime: .seconds(600), status: .degraded).record
        record.nextAttemptAt = start + .seconds(86_400)
        #expect(Replanning.policy(policy()).apply(to: &record, at: Moment(now), uniform: 0.5))
        #expect(record.nextAttemptAt == nil)
        #expect(record.dueAt.map { $0 < now } == true)
    }

    @Test("what an unsettled token, or a refusal to be confirmed, waits for stays", arguments: [true, false])
    func waits(isUnsettled: Bool) {
        let (record, _) = apply(.policy(policy())) {
            if isUnsettled { $0.unsettledSince = start } else { $0.grantRejectedAt = start }
            $0.nextAttemptAt = start + .seconds(3480)
        }
        #expect(record.nextAttemptAt == start + .seconds(3480))
    }

    @Test("a dead grant stays as it is")
    func dead() {
        let (record, changed) = apply(.policy(policy())) { $0.status = .needsReauthorization(.grantRejected) }
        #expect(!changed)
        #expect(record.refreshAt == nil)
    }

    // MARK: A clock that was set

    @Test("instants of this boot move along", arguments: [3600, -3600])
    func moved(seconds: Int) {
        let set = BootReference(bootID: 7, offset: boot.offset + Int64(seconds) * 1000)
        let (record, changed) = apply(.clock, boot: set) {
            $0.boot = boot
            $0.attemptBoot = boot
            $0.refreshAt = start + .seconds(2700)
            $0.nextAttemptAt = start + .seconds(50)
        }
        #expect(changed)
        #expect(record.expiresAt == start + .seconds(3600 + seconds))
        #expect(record.refreshAt == start + .seconds(2700 + seconds))
        #expect(record.nextAttemptAt == start + .seconds(50 + seconds))
        #expect(record.boot == set)
        // What the user did, he did then.
        #expect(record.grantedAt == start)
    }

    @Test("an attempt of this boot moves along though the tokens are of another, whose instants stay")
    func attemptAlone() {
        let set = BootReference(bootID: 7, offset: boot.offset + 3_600_000)
        let (record, changed) = apply(.clock, boot: set) {
            $0.boot = BootReference(bootID: 6, offset: 0)
            $0.attemptBoot = boot
            $0.lastAttemptAt = start
        }
        #expect(changed)
        #expect(record.lastAttemptAt == start + .seconds(3600))
        #expect(record.expiresAt == start + .seconds(3600))
    }

    @Test("instants of another boot, or of none known, stay")
    func otherBoot() {
        let set = BootReference(bootID: 8, offset: boot.offset + 5_000_000)
        #expect(!apply(.clock, boot: set) { $0.boot = boot }.changed)
        #expect(!apply(.clock, boot: set).changed)
    }

    @Test("a difference of less than a second is rounding")
    func rounding() {
        let near = BootReference(bootID: 7, offset: boot.offset + 999)
        #expect(!apply(.clock, boot: near) { $0.boot = boot }.changed)
    }

    // MARK: A clock that was ahead

    @Test("tokens obtained in the future have no known expiry, and come due over ten minutes")
    func ahead() {
        let (record, changed) = apply(.unknownExpiry(policy()), uniform: 0.5) {
            $0.obtainedAt = now + .seconds(7200)
            $0.expiresAt = now + .seconds(10_800)
        }
        #expect(changed)
        #expect(record.obtainedAt == now)
        #expect(record.expiresAt == nil)
        #expect(record.refreshAt == now + .seconds(300))
        #expect(record.boot == boot)
    }

    @Test("attempts made in the future do not put the next one off till then")
    func attemptAhead() {
        let (record, changed) = apply(.unknownExpiry(policy()), uniform: 0.5) {
            $0.lastAttemptAt = now + .seconds(7200)
            $0.unsettledSince = now + .seconds(7000)
            $0.nextAttemptAt = now + .seconds(7300)
        }
        #expect(changed)
        #expect(record.obtainedAt == start)
        #expect(record.lastAttemptAt == now)
        #expect(record.unsettledSince == now - Replanning.beyondReplay)
        #expect(record.nextAttemptAt == now + .seconds(300))
    }

    @Test("what was obtained in the past, or a moment ahead, stays", arguments: [-10, 0, 60])
    func past(seconds: Int) {
        #expect(!apply(.unknownExpiry(policy())) { $0.obtainedAt = now + .seconds(seconds) }.changed)
    }

    @Test("without a refresh token there is nothing to come due for")
    func unrefreshable() {
        var record = grant(refreshToken: nil).record
        record.obtainedAt = now + .seconds(7200)
        record.refreshAt = now + .seconds(10_800)
        #expect(Replanning.unknownExpiry(policy()).apply(to: &record, at: Moment(now), uniform: 0.5))
        #expect(record.dueAt == nil)
    }

    @Test("what is had without a refresh token comes due all the same")
    func methods() {
        for (method, isDue) in [(RefreshPolicy.Method.reacquire, true), (.exchangeAccessToken, true), (.none, false)] {
            var record = grant(refreshToken: nil).record
            record.obtainedAt = now + .seconds(7200)
            record.expiresAt = now + .seconds(10_800)
            let change = Replanning.unknownExpiry(policy { $0.method = method })
            #expect(change.apply(to: &record, at: Moment(now), uniform: 0.5))
            #expect(record.dueAt == (isDue ? now + .seconds(300) : nil))
        }
    }

    @Test("an unknown expiry survives a change of the policy")
    func survives() {
        var record = apply(.unknownExpiry(policy())) { $0.obtainedAt = now + .seconds(7200) }.record
        let planned = record.refreshAt
        _ = Replanning.policy(policy()).apply(to: &record, at: Moment(now), uniform: 0)
        #expect(record.refreshAt == planned)
    }
}
