import Refresh
import Testing
import ToolAuthCore

@Suite("The machine: a store that does not take what is written")
struct StoreTroubleTests {
    static let full = StoreError(.io, "disk full")
    static let ofRecord = StoreError(.misuse, "a value that cannot be written")
    let driver = MachineDriver { $0.rotation = .singleUse }

    /// Sends the grants of these users; all are answered with new tokens.
    func refresh(_ users: [String], _ driver: MachineDriver) -> [PendingCommit] {
        driver.begin(users.map { key($0) })
        for user in users { driver.claimed(grant(user)) }
        return users.flatMap { user in
            driver.ended(key(user), .refreshed(reply(at: driver.now)))
            return driver.commits
        }
    }

    /// Somebody waits for the grant; its new tokens come, and the store refuses them.
    func refreshRefused(_ driver: MachineDriver) throws {
        driver.launch()
        driver.scanned()
        #expect(driver.request(key()) == nil)
        driver.claimed(grant())
        driver.ended(key(), .refreshed(reply(at: start)))
        driver.refused(try #require(driver.commits.first), Self.full)
    }

    @Test("without a claim nothing is sent, and it is said once")
    func claimRefused() throws {
        driver.begin([key("alice"), key("bob")])
        driver.claimed(key("alice"), .failure(Self.full))
        #expect(driver.notices == [.storeFailing(Self.full)])
        #expect(driver.answer(for: key("alice"))?.name == "storeUnavailable")
        driver.claimed(key("bob"), .failure(Self.full))
        #expect(driver.notices.isEmpty)
        #expect(driver.machine.isIdle)
        #expect(driver.request(key())?.name == "storeUnavailable")
    }

    @Test("one small write tries the store again, and everything goes on when it is taken")
    func recovers() throws {
        driver.begin([key()])
        driver.claimed(key(), .failure(Self.full))
        let retryAt = try #require(driver.armed)
        #expect(retryAt - start <= .milliseconds(200))
        driver.wake(after: retryAt - driver.now)
        #expect(driver.triesStore)
        driver.wake(after: .seconds(60))
        #expect(!driver.triesStore, "one at a time")
        driver.tell { $0.storeTried(.failure(Self.full), at: $1) }
        #expect(driver.scans.isEmpty)
        driver.wake(after: .seconds(5))
        #expect(driver.triesStore)
        driver.tell { $0.storeTried(.success(()), at: $1) }
        #expect(driver.notices == [.storeRecovered])
        #expect(driver.scans.count == 1)
        driver.scanned([key()])
        #expect(driver.claims == [key()])
    }

    @Test("new tokens are held until the store takes them; one write tries, then all are written")
    func held() throws {
        let users = ["a", "b", "c"]
        let pendings = refresh(users, driver)
        try #require(pendings.count == 3)
        for pending in pendings { driver.refused(pending, Self.full) }
        #expect(driver.machine.heldResults == 3)
        #expect(driver.machine.storeProblem == Self.full)
        driver.wake(after: .seconds(5))
        let first = try #require(driver.commits.first)
        #expect(driver.commits.count == 1)
        driver.stored(first)
        #expect(driver.notices == [.storeRecovered])
        let others = driver.commits
        #expect(others.map(\.key).sorted() == pendings.map(\.key).filter { $0 != first.key })
        for pending in others {
            driver.stored(pending)
            #expect(driver.answer(for: pending.key)?.name == "refreshed")
        }
        #expect(driver.machine.heldResults == 0)
        #expect(driver.machine.isIdle)
    }

    @Test("a record that alone cannot be written does not hold up the others, and is said once")
    func oneRecord() throws {
        let pendings = refresh(["a", "b"], driver)
        try #require(pendings.count == 2)
        driver.refused(pendings[0], Self.ofRecord)
        #expect(driver.notices == [.recordFailing(key("a"), Self.ofRecord, holdsTokens: true)])
        #expect(driver.machine.storeProblem == nil)
        driver.stored(pendings[1])
        #expect(driver.events == [.refreshed])
        driver.wake(after: .seconds(60))
        let again = try #require(driver.commits.first)
        #expect(again.key == key("a"))
        driver.refused(again, Self.ofRecord)
        #expect(driver.notices.isEmpty)
        driver.wake(after: .seconds(60))
        driver.stored(try #require(driver.commits.first))
        #expect(driver.machine.heldResults == 0)
    }

    @Test("a record that alone cannot be claimed rests for a minute")
    func resting() {
        driver.begin([key()])
        driver.claimed(key(), .failure(Self.ofRecord))
        #expect(driver.notices == [.recordFailing(key(), Self.ofRecord, holdsTokens: false)])
        #expect(driver.request(key())?.name == "storeUnavailable")
        driver.wake(after: .seconds(59))
        #expect(driver.scans.isEmpty)
        driver.wake(after: .seconds(1))
        #expect(driver.scans.count == 1)
    }

    @Test(
        "where the refresh token stays, whoever waits has his token before it is stored; else not",
        arguments: [true, false])
    func early(stays: Bool) throws {
        let driver = MachineDriver { $0.rotation = stays ? .none : .rotating }
        try refreshRefused(driver)
        #expect((driver.answer(for: key())?.name == "refreshed") == stays)
        #expect(driver.machine.heldResults == 1)
        // Who comes later is served from memory, or waits.
        #expect((driver.request(key())?.name == "refreshed") == stays)
    }

    @Test("a token that ends while it is held gives way to another for whoever waits, under the claim there is")
    func outlived() throws {
        let driver = MachineDriver()
        try refreshRefused(driver)
        driver.wake(after: .seconds(3601))
        driver.refused(try #require(driver.commits.first), Self.full)
        #expect(driver.request(key()) == nil)
        #expect(driver.machine.heldResults == 0)
        var found = grant()
        found.record.attempt = Attempt(id: "attempt", startedAt: start)
        driver.tell { $0.loaded(key(), .success(found), at: $1) }
        #expect(driver.sends == [key()])
        driver.ended(key(), .refreshed(reply(at: driver.now, accessToken: "access-3")))
        let pending = try #require(driver.commits.first)
        #expect(pending.attempt == "attempt")
        driver.refused(pending, Self.full)
        guard case .refreshed(let refreshed)? = driver.answer(for: key()) else {
            Issue.record("\(driver.actions)")
            return
        }
        #expect(refreshed.accessToken == Secret("access-3"))
    }

    @Test("where the write that tries the store fails for its record alone, another tries")
    func tryOfBadRecord() throws {
        let pendings = refresh(["a", "b"], driver)
        try #require(pendings.count == 2)
        for pending in pendings { driver.refused(pending, Self.full) }
        driver.wake(after: .seconds(5))
        let tried = try #require(driver.commits.first)
        driver.refused(tried, Self.ofRecord)
        driver.wake(after: .seconds(5))
        let other = try #require(driver.commits.first { $0.key != tried.key })
        driver.stored(other)
        #expect(driver.notices == [.storeRecovered])
    }

    @Test("while it fails, a grant that loses nothing is refreshed without a claim for whoever waits")
    func unclaimed() throws {
        let driver = MachineDriver()
        driver.begin([key("alice")])
        driver.claimed(key("alice"), .failure(Self.full))
        #expect(driver.request(key("bob")) == nil)
        #expect(driver.claims.isEmpty)
        driver.tell { $0.loaded(key("bob"), .success(grant("bob")), at: $1) }
        #expect(driver.sends == [key("bob")])
        driver.ended(key("bob"), .refreshed(reply(at: start)))
        #expect(driver.answer(for: key("bob"))?.name == "refreshed")
        let pending = try #require(driver.commits.first)
        #expect(pending.attempt == nil)
    }

    @Test("a stop waits for what is held, and goes on trying")
    func stop() throws {
        let pending = try #require(refresh(["a"], driver).first)
        driver.refused(pending, Self.full)
        driver.tell { $0.stop(at: $1) }
        var tries = 0
        for _ in 0..<3 {
            let retryAt = try #require(driver.armed)
            driver.wake(after: retryAt - driver.now)
            let again = try #require(driver.commits.first)
            tries += 1
            if tries == 3 { driver.stored(again) } else { driver.refused(again, Self.full) }
        }
        #expect(driver.machine.isIdle)
        #expect(driver.claims.isEmpty)
    }

    @Test("a stop that comes when the store is to be tried again tries it")
    func stopWhenDue() throws {
        let pending = try #require(refresh(["a"], driver).first)
        driver.refused(pending, Self.full)
        driver.now = driver.now + .seconds(600)
        driver.tell { $0.stop(at: $1) }
        #expect(driver.commits.map(\.key) == [key("a")])
    }

    @Test("a store that cannot be read is looked at again")
    func unreadable() throws {
        driver.launch()
        driver.tell { $0.scanned(.failure(Self.full), at: $1) }
        #expect(driver.notices == [.scanFailed(Self.full)])
        #expect(driver.armed == start + RefreshMachine.scanRetryInterval)
        driver.wake(after: RefreshMachine.scanRetryInterval)
        #expect(driver.scans.count == 1)
        driver.tell { $0.scanned(.failure(Self.full), at: $1) }
        #expect(driver.notices.isEmpty, "said once")
    }
}
