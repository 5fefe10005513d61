import Refresh
import Testing
import ToolAuthCore

@Suite("The machine: a paused tool")
struct PauseTests {
    let driver = MachineDriver()
    static let refusal = AttemptFailure(code: "invalid_client", detail: "Client unknown", providerStatus: 401)

    /// Two records met a refused client.
    func refuse(_ driver: MachineDriver) throws {
        driver.begin([key("alice"), key("bob")])
        for user in ["alice", "bob"] { driver.claimed(grant(user)) }
        driver.ended(key("alice"), .clientRejected(Self.refusal))
        driver.stored(try #require(driver.commits.first))
        #expect(driver.pauses.isEmpty)
        driver.ended(key("bob"), .clientRejected(Self.refusal))
    }

    @Test("a client refused for two records pauses its tool, once, and says why")
    func paused() throws {
        try refuse(driver)
        #expect(driver.pauses.map { $0?.kind } == [.clientRejected])
        #expect(driver.pauses.first??.detail.contains("Client unknown") == true)
        #expect(driver.events == [.toolPaused])
        #expect(driver.tools.pause(of: key().toolID) == nil, "the engine tells the tools, not the machine")
        driver.stored(try #require(driver.commits.first))
        #expect(driver.request(key())?.name == "toolPaused")
    }

    @Test("where each record has a server of its own, two that refuse the client pause nothing")
    func ownServers() throws {
        let driver = MachineDriver(sharesEndpoint: false)
        try refuse(driver)
        #expect(driver.pauses.isEmpty)
        #expect(driver.events.allSatisfy { $0 != .toolPaused })
    }

    @Test("those who wait for their turn are turned away")
    func turnedAway() throws {
        let driver = MachineDriver { $0.concurrency = 2 }
        driver.begin([key("alice"), key("bob")])
        for user in ["alice", "bob"] { driver.claimed(grant(user)) }
        #expect(driver.request(key("waits")) == nil)
        driver.ended(key("alice"), .clientRejected(Self.refusal))
        // The place of the first goes to whoever waits; he is claimed, and sent, and his end tells as well.
        #expect(driver.claims == [key("waits")])
        #expect(driver.request(key("queued")) == nil)
        driver.ended(key("bob"), .clientRejected(Self.refusal))
        #expect(driver.answer(for: key("queued"))?.name == "toolPaused")
    }

    @Test("after five minutes one record tries, and its success lets all go on")
    func probe() throws {
        try refuse(driver)
        driver.stored(try #require(driver.commits.first))
        driver.wake(after: .seconds(299))
        #expect(driver.scans.isEmpty)
        driver.wake(after: .seconds(1))
        #expect(driver.scans.first?[key().toolID] == 1)
        driver.scanned([key("alice")])
        #expect(driver.claims == [key("alice")])
        driver.wake(after: .seconds(600))
        #expect(driver.scans.isEmpty, "one at a time")
        driver.claimed(grant("alice"))
        driver.ended(key("alice"), .refreshed(reply(at: driver.now)))
        #expect(driver.pauses.count == 1 && driver.pauses.first?.map { $0.kind } == nil)
        #expect(driver.events == [.toolResumed])
        #expect(driver.machine.pause(of: key().toolID) == nil)
        // What was put off meanwhile comes due.
        #expect(driver.revisions.count == 1)
    }

    @Test("a probe that is refused again waits again")
    func probeRefused() throws {
        try refuse(driver)
        driver.stored(try #require(driver.commits.first))
        driver.wake(after: .seconds(300))
        driver.scanned([key("alice")])
        driver.claimed(grant("alice"))
        driver.ended(key("alice"), .clientRejected(Self.refusal))
        #expect(driver.pauses.isEmpty)
        driver.stored(try #require(driver.commits.first))
        driver.wake(after: .seconds(299))
        #expect(driver.scans.isEmpty)
        driver.wake(after: .seconds(1))
        #expect(driver.scans.count == 1)
    }

    enum Fate: CaseIterable { case gone, cannotBeClaimed, cannotBeRefreshed, belongsToAnotherClient }

    @Test("a probe that is not sent after all leaves its place to another record", arguments: Fate.allCases)
    func probeLost(fate: Fate) throws {
        try refuse(driver)
        driver.stored(try #require(driver.commits.first))
        driver.wake(after: .seconds(300))
        driver.scanned([key("alice")], nextDueAt: driver.now)
        switch fate {
        case .gone: driver.claimed(key("alice"), .success(nil))
        case .cannotBeClaimed: driver.claimed(key("alice"), .failure(StoreTroubleTests.ofRecord))
        case .cannotBeRefreshed: driver.claimed(grant("alice", refreshToken: nil))
        case .belongsToAnotherClient:
            var foreign = grant("alice")
            foreign.record.clientID = "another"
            foreign.record.refreshAt = start
            driver.claimed(foreign)
        }
        if let pending = driver.commits.first { driver.stored(pending) }
        if driver.scans.isEmpty { driver.wake() }
        #expect(driver.scans.count == 1)
        driver.scanned([key("bob")])
        #expect(driver.claims == [key("bob")])
    }

    @Test("what an administrator paused is not tried by itself, and goes on when he says so")
    func administrator() throws {
        driver.launch()
        driver.scanned(nextDueAt: start + .seconds(60))
        driver.tell { $0.setPause(key().toolID, ToolPause(.administrator, detail: "Wanted.", since: start), at: $1) }
        #expect(driver.request(key())?.name == "toolPaused")
        driver.wake(after: .seconds(86_400))
        #expect(driver.scans.isEmpty)
        #expect(driver.armed == nil)
        driver.tell { $0.setPause(key().toolID, nil, at: $1) }
        #expect(driver.scans.count == 1)
        #expect(driver.revisions.count == 1, "what refusals had put off comes due")
    }

    @Test("an administrator's pause stands although an attempt of before it succeeds")
    func administratorWins() throws {
        driver.begin([key()])
        driver.claimed(grant())
        driver.tell { $0.setPause(key().toolID, ToolPause(.administrator, detail: "Wanted.", since: start), at: $1) }
        driver.ended(key(), .refreshed(reply(at: start)))
        #expect(driver.pauses.isEmpty)
        driver.stored(try #require(driver.commits.first))
        #expect(driver.machine.pause(of: key().toolID)?.kind == .administrator)
    }

    @Test("a pause survives a restart; a provider's is tried at once")
    func restarted() {
        let pause = ToolPause(.clientRejected, detail: "Refused.", since: start)
        driver.launch(states: [key().toolID: ToolState(pause: pause, plan: nil)])
        #expect(driver.scans.first?[key().toolID] == 1)
        #expect(driver.request(key())?.name == "toolPaused")
        #expect(driver.tools.pause(of: key().toolID) == pause)
    }

    @Test(
        "another configuration ends a provider's pause, has the records planned anew, and leaves an administrator's alone"
    )
    func reconfigured() throws {
        for kind in [ToolPause.Kind.clientRejected, .requestRejected, .administrator] {
            let driver = MachineDriver()
            let pause = ToolPause(kind, detail: "Refused.", since: start)
            driver.launch(states: [key().toolID: ToolState(pause: pause, plan: nil)])
            driver.tell {
                $0.reconfigure([key().toolID: ToolState(pause: pause, plan: nil)], changed: [key().toolID], at: $1)
            }
            guard kind != .administrator else {
                #expect(driver.machine.pause(of: key().toolID) == pause)
                continue
            }
            #expect(driver.pauses.count == 1 && driver.pauses.first! == nil)
            #expect(driver.events == [.toolResumed])
            #expect(driver.machine.pause(of: key().toolID) == nil)
            #expect(driver.revisions.count == 1)
        }
    }

    @Test("the same configuration leaves a provider's pause, and tries at once")
    func unchanged() throws {
        try refuse(driver)
        driver.stored(try #require(driver.commits.first))
        driver.wake(after: .seconds(1))
        #expect(driver.scans.isEmpty, "the next try is minutes away")
        let pause = try #require(driver.machine.pause(of: key().toolID))
        driver.tell { $0.reconfigure([key().toolID: ToolState(pause: pause, plan: nil)], at: $1) }
        #expect(driver.scans == [[key().toolID: 1]])
        #expect(driver.machine.pause(of: key().toolID) == pause)
        #expect(driver.pauses.isEmpty)
    }
}
