import Refresh
import Testing
import ToolAuthCore

@Suite("The end of a grant")
struct GrantEndTests {
    static let day: Duration = .seconds(86_400)
    let month = policy { $0.refreshTokenAbsolute = day * 30 }

    func record(_ change: (inout ToolAuthRecord) -> Void = { _ in }) -> ToolAuthRecord {
        var record = grant().record
        change(&record)
        return record
    }

    // MARK: When it ends

    @Test("a grant without any limit has no end")
    func endless() {
        #expect(GrantEnd(policy()).end(of: record()) == nil)
    }

    @Test("an absolute limit counts from the consent, not from the last refresh")
    func absolute() {
        let record = record { $0.grantedAt = start - Self.day }
        #expect(GrantEnd(month).end(of: record) == start + Self.day * 29)
    }

    @Test("a lifetime of refresh tokens ends the grant only where they stay", arguments: RotationCase.all)
    func lifetime(_ example: RotationCase) {
        let policy = policy {
            $0.refreshTokenLifetime = Self.day * 10
            $0.rotation = example.rotation
        }
        #expect((GrantEnd(policy).end(of: record()) != nil) == example.ends)
    }

    struct RotationCase: Sendable, CustomTestStringConvertible {
        let rotation: RefreshPolicy.Rotation
        let ends: Bool
        var testDescription: String { "\(rotation)" }
        static let all = [
            Self(rotation: .none, ends: true), Self(rotation: .rotating, ends: false),
            Self(rotation: .singleUse, ends: false),
        ]
    }

    @Test("an end the provider tells counts once two refreshes left it where it was")
    func told() {
        let told = start + Self.day * 90
        var record = record { $0.refreshTokenExpiresAt = told }
        #expect(GrantEnd(policy()).end(of: record) == nil)
        record.unmovedEnds = GrantEnd.unmovedRefreshes
        #expect(GrantEnd(policy()).end(of: record) == told)
    }

    @Test("the earliest of several ends is the one")
    func earliest() {
        let record = record {
            $0.refreshTokenExpiresAt = start + Self.day * 5
            $0.unmovedEnds = 2
        }
        #expect(GrantEnd(month).end(of: record) == start + Self.day * 5)
    }

    @Test("without a refresh token the grant ends with its access token")
    func withoutRefreshToken() {
        let record = grant(lifetime: Self.day * 20, refreshToken: nil).record
        #expect(GrantEnd(policy()).end(of: record) == start + Self.day * 20)
    }

    @Test("where access tokens buy the next, or nobody's consent is needed, the end of one is not the grant's")
    func withoutUse() {
        let record = grant(lifetime: Self.day * 60, refreshToken: nil).record
        #expect(GrantEnd(policy { $0.method = .exchangeAccessToken }).end(of: record) == nil)
        #expect(GrantEnd(policy { $0.method = .reacquire }).end(of: record) == nil)
        #expect(GrantEnd(policy { $0.method = .none }).end(of: record) == start + Self.day * 60)
        let limited = policy {
            $0.method = .exchangeAccessToken
            $0.refreshTokenAbsolute = Self.day * 365
        }
        #expect(GrantEnd(limited).end(of: record) == start + Self.day * 365)
        // Without an access token there is nothing to buy it with.
        var empty = record
        empty.hasAccessToken = false
        #expect(GrantEnd(limited).end(of: empty) == record.expiresAt)
    }

    // MARK: Telling of it

    @Test("it is announced 14, 7, 3 and 1 days before, each once")
    func thresholds() {
        var record = record()
        let end = GrantEnd(month)
        end.plan(&record)
        var announced: [Int] = []
        for day in 0..<30 {
            let now = start + Self.day * day + .seconds(1)
            let isDue = record.announceAt.map { $0 <= now } ?? false
            let told = end.announce(&record, now: now)
            #expect(told == isDue)
            if told { announced.append(30 - day) }
        }
        #expect(announced == [14, 7, 3, 1])
        #expect(record.announceAt == nil)
    }

    @Test("several that came due together are one announcement")
    func together() {
        var record = record()
        let end = GrantEnd(month)
        end.plan(&record)
        #expect(end.announce(&record, now: start + Self.day * 28))
        #expect(record.announcedDays == 3)
        #expect(record.announceAt == start + Self.day * 29)
        #expect(!end.announce(&record, now: start + Self.day * 28))
    }

    @Test("thresholds before the grant began are not announced")
    func shortGrant() {
        var record = record()
        let end = GrantEnd(policy { $0.refreshTokenAbsolute = Self.day * 5 })
        end.plan(&record)
        #expect(record.announceAt == start + Self.day * 2)
        var hours = self.record()
        GrantEnd(policy { $0.refreshTokenAbsolute = .seconds(3600) }).plan(&hours)
        #expect(hours.announceAt == nil)
    }

    @Test("an end that has passed is not announced any more")
    func passed() {
        var record = record()
        let end = GrantEnd(month)
        end.plan(&record)
        #expect(!end.announce(&record, now: start + Self.day * 31))
        #expect(record.announceAt == nil)
    }

    @Test("an end that moved away is announced anew only for thresholds not yet told")
    func movedAway() {
        var record = record { $0.announcedDays = 7 }
        GrantEnd(month).plan(&record)
        #expect(record.announceAt == start + Self.day * 27)
    }
}
