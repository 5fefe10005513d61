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
}
