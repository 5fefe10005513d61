import Refresh
import Testing
import ToolAuthCore

@Suite("The machine: a clock that is set")
struct ClockTests {
    let driver = MachineDriver { $0.rotation = .singleUse }

    init() {
        driver.boot = BootReference(bootID: 7, offset: 1_000_000)
    }

    func setClock(by seconds: Int) {
        driver.boot = BootReference(bootID: 7, offset: 1_000_000 + Int64(seconds) * 1000)
        driver.now = driver.now + .seconds(seconds)
    }

    func revised(nextDueAt: Timestamp? = nil) {
        driver.tell {
            $0.revised(.success(RevisedPage(last: nil, changed: 1, nextDueAt: nextDueAt)), at: $1)
        }
    }

    @Test("a step forward refreshes nothing before its time: due times move along first")
    func forward() {
        driver.launch()
        driver.scanned(nextDueAt: start + .seconds(1800))
        setClock(by: 3600)
        driver.wake()
        #expect(driver.notices == [.clockSet(.seconds(3600))])
        #expect(driver.revisions.count == 1)
        #expect(driver.scans.isEmpty)
        revised()
        // What was stored in an earlier boot has not moved, and may be due.
        #expect(driver.scans.count == 1)
        driver.scanned(nextDueAt: start + .seconds(5400))
        #expect(driver.armed == start + .seconds(5400))
    }

    @Test("a token that was on its way when the clock was set back ends as long after the request as it should")
    func refreshedMeanwhile() throws {
        driver.begin([key()])
        driver.claimed(grant())
        setClock(by: -7200)
        driver.ended(key(), .refreshed(reply(at: start)), after: .seconds(2))
        let record = try #require(driver.commits.first).settlement.toolAuth.record
        #expect(record.obtainedAt == start - .seconds(7200))
        #expect(record.expiresAt == start - .seconds(3600))
    }

    @Test("set forward, its end is not put off")
    func refreshedBeforeStep() throws {
        driver.begin([key()])
        driver.claimed(grant())
        setClock(by: 7200)
        driver.ended(key(), .refreshed(reply(at: start)), after: .seconds(2))
        let record = try #require(driver.commits.first).settlement.toolAuth.record
        #expect(record.expiresAt == start + .seconds(3600))
    }

    @Test("a step back keeps nothing from being refreshed at its time")
    func back() {
        driver.launch()
        driver.scanned(nextDueAt: start + .seconds(1800))
        setClock(by: -3600)
        driver.wake()
        #expect(driver.revisions.count == 1)
        revised()
        // Then whatever of other boots now lies ahead.
        guard case .unknownExpiry? = driver.revisions.first else {
            Issue.record("\(driver.actions)")
            return
        }
        revised()
        #expect(driver.armed == start - .seconds(1800))
    }

    @Test("what is adjusted by less than a second is not set")
    func slewed() {
        driver.launch()
        driver.boot = BootReference(bootID: 7, offset: 1_000_900)
        driver.wake()
        #expect(driver.notices.isEmpty)
    }

    @Test("a store that fails meanwhile does not stop it for good")
    func storeFails() throws {
        driver.launch()
        driver.scanned(nextDueAt: start + .seconds(1))
        setClock(by: 3600)
        driver.wake()
        driver.tell { $0.revised(.failure(StoreTroubleTests.full), at: $1) }
        #expect(driver.notices == [.storeFailing(StoreTroubleTests.full)])
        driver.wake(after: .seconds(10))
        #expect(driver.triesStore)
        driver.tell { $0.storeTried(.success(()), at: $1) }
        #expect(driver.revisions.count == 1)
        revised()
        #expect(driver.scans.count == 1)
    }

    @Test("a clock set while no daemon ran is noticed at the start, forward or back", arguments: [3600, -3600])
    func setMeanwhile(seconds: Int) throws {
        let former = try #require(driver.boot)
        setClock(by: seconds)
        driver.launch(lastBoot: former)
        #expect(driver.notices == [.clockSet(.seconds(seconds))])
        #expect(driver.scans.isEmpty)
        #expect(driver.revisions.count == 1)
        revised()
        #expect(driver.notedBoots == [try #require(driver.boot)])
    }

    @Test("after a start of the machine the clock is noted, and nothing moves")
    func otherBoot() throws {
        driver.launch(lastBoot: BootReference(bootID: 6, offset: 0))
        #expect(driver.notedBoots == [try #require(driver.boot)])
        #expect(driver.notices.isEmpty)
        #expect(driver.scans.count == 1)
    }

    @Test("an attempt under way ends as if the clock had been right from the start")
    func underWay() throws {
        driver.begin([key()])
        var toolAuth = grant()
        toolAuth.record.boot = driver.boot
        driver.claimed(toolAuth)
        setClock(by: -3600)
        driver.ended(key(), .ambiguous(failure), after: .seconds(2))
        let record = try #require(driver.commits.first).settlement.toolAuth.record
        #expect(record.unsettledSince == driver.now - .seconds(2))
        #expect(record.expiresAt == start)
    }

    @Test("a store written in the future has what was obtained then planned anew")
    func wasAhead() {
        driver.launch(lastWriteAt: start + .seconds(7200))
        #expect(driver.notices == [.clockWasAhead(by: .seconds(7200))])
        guard case .unknownExpiry? = driver.revisions.first else {
            Issue.record("\(driver.actions)")
            return
        }
    }

    @Test("a provider's clock that differs is told once")
    func skew() throws {
        driver.begin([key("alice"), key("bob")])
        for user in ["alice", "bob"] {
            driver.claimed(grant(user))
            var grant = reply(at: start)
            grant.serverDate = start + .seconds(300)
            driver.ended(key(user), .refreshed(grant))
            let endpoint = try #require(driver.tools.refreshable(key().toolID)).endpoint
            #expect(driver.notices == (user == "alice" ? [.providerSkew(endpoint, .seconds(300))] : []))
        }
    }
}
