import Testing
import ToolAuthCore

@testable import Refresh

@Suite("The machine: an endpoint that fails")
struct OutageTests {
    let unreachable = RefreshOutcome.transient(failure, retryAfter: nil, atEndpoint: true)

    /// Two records could not reach the endpoint.
    func breakDown(_ driver: MachineDriver) throws {
        driver.begin([key("alice"), key("bob")])
        for user in ["alice", "bob"] { driver.claimed(grant(user)) }
        for user in ["alice", "bob"] {
            driver.ended(key(user), unreachable)
            let notices = driver.notices
            #expect(notices.count == (user == "bob" ? 1 : 0))
            driver.stored(try #require(driver.commits.first))
        }
    }

    @Test("it is told once; a connection tries, and its success lets all go on")
    func probedByConnection() throws {
        let driver = MachineDriver(connects: true)
        try breakDown(driver)
        driver.wake(after: .seconds(2))
        #expect(driver.connections == 1)
        #expect(driver.scans.isEmpty, "no record is read for it")
        let endpoint = try #require(driver.tools.refreshable(key().toolID)).endpoint
        driver.tell { $0.connected(to: endpoint, succeeded: false, at: $1) }
        #expect(driver.notices.isEmpty)
        driver.wake(after: .seconds(2))
        #expect(driver.connections == 1)
        driver.tell { $0.connected(to: endpoint, succeeded: true, at: $1) }
        #expect(driver.notices == [.endpointRecovered(endpoint, [key().toolID])])
        #expect(driver.scans.count == 1)
    }

    @Test("where no connection can be tried, one record is the probe")
    func probedByRecord() throws {
        let driver = MachineDriver()
        try breakDown(driver)
        driver.wake(after: .seconds(2))
        #expect(driver.scans.map { $0[key().toolID] } == [1])
        driver.scanned([key("alice")], nextDueAt: driver.now)
        #expect(driver.claims == [key("alice")])
        #expect(driver.scans.isEmpty)
        driver.claimed(grant("alice"))
        driver.ended(key("alice"), .refreshed(reply(at: driver.now)))
        #expect(driver.notices.count == 1)
        #expect(!driver.machine.governor.isBroken(try #require(driver.tools.refreshable(key().toolID)).endpoint))
    }

    @Test("an outage makes no record's back-off grow")
    func noBackoff() throws {
        let driver = MachineDriver()
        driver.begin([key("alice")])
        for _ in 0..<8 {
            driver.claimed(grant("alice"))
            driver.ended(key("alice"), unreachable)
            let pending = try #require(driver.commits.first)
            #expect(pending.settlement.toolAuth.record.consecutiveFailures == 1)
            driver.stored(pending)
            driver.wake(after: .seconds(120))
            driver.scanned([key("alice")])
        }
    }

    @Test(
        "a Retry-After is the whole endpoint's, unless the provider counts each grant on its own",
        arguments: [true, false])
    func retryAfter(isOwn: Bool) throws {
        let driver = MachineDriver {
            if isOwn { $0.rate = RefreshPolicy.Rate(requests: 1, per: .seconds(60), scope: .record) }
        }
        driver.begin([key("alice")])
        driver.claimed(grant("alice"))
        let limited = AttemptFailure(code: "http_429", detail: "Too many.", providerStatus: 429)
        driver.ended(key("alice"), .transient(limited, retryAfter: .seconds(90), atEndpoint: false))
        driver.stored(try #require(driver.commits.first))
        #expect((driver.request(key("bob"))?.name == "held") == !isOwn)
    }

    /// Ends of attempts that would hold up, or close, an endpoint that all share.
    private static let troubles: [RefreshOutcome] = [
        .transient(
            AttemptFailure(code: "http_429", detail: "Too many.", providerStatus: 429), retryAfter: .seconds(3600),
            atEndpoint: false),
        .transient(AttemptFailure(code: "connect", detail: "Nobody is there."), retryAfter: nil, atEndpoint: true),
        .transient(failure, retryAfter: nil, atEndpoint: false), .ambiguous(failure),
    ]

    @Test("where each grant has a server of its own, theirs hold up no other's", arguments: troubles, [true, false])
    func ownServers(outcome: RefreshOutcome, isShared: Bool) throws {
        let driver = MachineDriver(sharesEndpoint: isShared)
        let users = ["alice", "user-2", "user-3"]
        driver.begin(users.map { key($0) })
        for user in users { driver.claimed(grant(user)) }
        var notices: [EngineNotice] = []
        for user in users {
            driver.ended(key(user), outcome)
            notices += driver.notices
            driver.stored(try #require(driver.commits.first))
        }
        let endpoint = try #require(driver.tools.refreshable(key().toolID)).endpoint
        let governor = driver.machine.governor
        // Where it is shared, each of these is the whole endpoint's.
        #expect((governor.closedUntil(endpoint, now: driver.now) != nil) == isShared)
        guard !isShared else { return }
        #expect(notices.isEmpty)
        #expect(governor.limit(at: endpoint) ?? ConcurrencyLimit.initial == ConcurrencyLimit.initial)
        #expect(driver.request(key("bob")) == nil)
        #expect(driver.claims == [key("bob")])
    }
}
