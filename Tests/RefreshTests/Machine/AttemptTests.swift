import Refresh
import Testing
import ToolAuthCore

@Suite("The machine: an attempt")
struct AttemptTests {
    let driver = MachineDriver { $0.rotation = .singleUse }

    @Test("nothing is sent before the claim is stored, and nobody is told before the end is")
    func order() throws {
        driver.begin([key()])
        #expect(driver.claims == [key()])
        #expect(driver.sends.isEmpty)
        driver.claimed(grant())
        #expect(driver.sends == [key()])
        driver.ended(key(), .refreshed(reply(at: start)))
        #expect(driver.answer(for: key()) == nil)
        #expect(driver.events.isEmpty)
        driver.stored(try #require(driver.commits.first))
        #expect(driver.events == [.refreshed])
        #expect(driver.answer(for: key())?.name == "refreshed")
        #expect(driver.machine.isIdle)
    }

    @Test("whoever asks joins the attempt under way, at each of its stages")
    func joined() throws {
        driver.begin([key()])
        #expect(driver.request(key()) == nil)
        #expect(driver.actions.isEmpty)
        driver.claimed(grant())
        #expect(driver.request(key()) == nil)
        #expect(driver.actions.isEmpty)
        driver.ended(key(), .refreshed(reply(at: start)))
        let pending = try #require(driver.commits.first)
        #expect(driver.request(key()) == nil)
        #expect(driver.actions.isEmpty)
        driver.stored(pending)
        #expect(driver.answer(for: key())?.name == "refreshed")
    }

    @Test("a record that is gone when it is claimed is let be")
    func gone() {
        driver.begin([key()])
        driver.claimed(key(), .success(nil))
        #expect(driver.answer(for: key())?.name == "gone")
        #expect(driver.machine.isIdle)
    }

    @Test("answers that nobody waits for change nothing")
    func late() {
        driver.begin([key()])
        driver.claimed(grant("bob"))
        #expect(driver.actions.isEmpty)
        driver.ended(key("bob"), .unrefreshable)
        #expect(driver.actions.isEmpty)
        driver.tell { $0.committed(key("bob"), .success(.superseded(nil)), at: $1) }
        #expect(driver.actions.isEmpty)
    }

    // MARK: Superseded

    @Test("what a newer grant won over is revoked, but for what the newer one has too")
    func superseded() throws {
        driver.begin([key()])
        driver.claimed(grant())
        driver.ended(key(), .refreshed(reply(at: start)))
        let pending = try #require(driver.commits.first)
        var newer = grant(refreshToken: "refresh-2")
        newer.record.generation = 9
        let current = newer
        driver.tell { $0.committed(pending.key, .success(.superseded(current)), at: $1) }
        #expect(driver.revoked.map(\.refreshToken) == [nil])
        #expect(driver.revoked.map(\.accessToken) == [Secret("access-2")])
        #expect(driver.answer(for: key())?.name == "refreshed")
    }

    @Test("a failure that a newer grant won over revokes nothing")
    func supersededFailure() throws {
        driver.begin([key()])
        driver.claimed(grant())
        driver.ended(key(), .grantRejected(failure))
        let pending = try #require(driver.commits.first)
        driver.tell { $0.committed(pending.key, .success(.superseded(grant())), at: $1) }
        #expect(driver.revoked.isEmpty)
        #expect(driver.events.isEmpty)
    }

    // MARK: After a crash

    @Test("an attempt of before a crash is unsettled first, and sent again ahead of all others")
    func recovered() throws {
        let driver = MachineDriver {
            $0.rotation = .singleUse
            $0.replayWindow = .seconds(60)
        }
        driver.launch(openAttempts: [key()])
        #expect(!driver.machine.isStarted)
        var open = grant()
        open.record.attempt = Attempt(id: "old", startedAt: start - .seconds(5))
        let found = open
        driver.tell { $0.loaded(key(), .success(found), at: $1) }
        let pending = try #require(driver.commits.first)
        #expect(pending.attempt == "old")
        #expect(pending.settlement.toolAuth.record.unsettledSince == start - .seconds(5))
        driver.stored(pending)
        #expect(driver.claims == [key()])
        driver.scanned()
        #expect(driver.machine.isStarted)
    }

    @Test("a start waits for what a crash left open even if the store does not take it")
    func recoveryRefused() throws {
        driver.launch(openAttempts: [key()])
        driver.scanned()
        var open = grant()
        open.record.attempt = Attempt(id: "old", startedAt: start)
        let found = open
        driver.tell { $0.loaded(key(), .success(found), at: $1) }
        driver.refused(try #require(driver.commits.first), StoreError(.io, "disk full"))
        #expect(driver.machine.isStarted)
        #expect(driver.machine.heldResults == 1)
    }
}
