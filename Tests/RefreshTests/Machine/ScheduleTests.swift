import Refresh
import TestSupport
import Testing
import ToolAuthCore

@Suite("The machine: the timer and the scan")
struct ScheduleTests {
    let driver = MachineDriver()

    @Test("the timer is armed for what is due next, and for nothing where nothing is")
    func armed() {
        driver.launch()
        driver.scanned(nextDueAt: start + .seconds(100))
        #expect(driver.armed == start + .seconds(100))
        driver.tell { $0.note(key().toolID, dueAt: start + .seconds(40), at: $1) }
        #expect(driver.armed == start + .seconds(40))
        driver.tell { $0.note(key().toolID, dueAt: start + .seconds(60), at: $1) }
        #expect(driver.armed == start + .seconds(40), "it already rings sooner")
    }

    @Test("what comes due while a scan is under way is not forgotten with its answer")
    func noteDuringScan() {
        driver.launch()
        driver.tell { $0.note(key().toolID, dueAt: start + .seconds(5), at: $1) }
        // Read before that was stored.
        driver.scanned(nextDueAt: start + .seconds(1000))
        #expect(driver.armed == start + .seconds(5))
    }

    @Test("one scan is under way at a time")
    func oneScan() {
        driver.launch()
        #expect(driver.scans.count == 1)
        driver.wake()
        #expect(driver.scans.isEmpty)
    }

    @Test("an unknown tool's due times are nobody's")
    func unknownTool() {
        driver.launch()
        driver.tell { $0.note(key(tool: "other").toolID, dueAt: start, at: $1) }
        #expect(driver.actions.isEmpty)
        #expect(driver.request(key(tool: "other"))?.name == "toolUnavailable")
    }

    @Test("of many due records no more are read than there is room for, and the rest follow")
    func portions() throws {
        driver.launch()
        let limit = try #require(driver.scans.first?[key().toolID])
        #expect(limit == EndpointGovernor.backgroundQueueLimit)
        driver.scanned((0..<limit).map { key("user-\($0)") }, nextDueAt: start)
        #expect(driver.claims.count == ConcurrencyLimit.initial)
        #expect(driver.scans.isEmpty, "the queue is full")
    }

    @Test("one slow tool does not keep another's records from being read")
    func isolation() {
        let driver = MachineDriver(["mail", "files"])
        driver.launch()
        driver.tell { machine, moment in
            machine.scanned(
                .success([
                    toolID("mail"): DueScan(
                        due: (0..<200).map {
                            DueRecord(key: key("user-\($0)"), dueAt: start, expiresAt: nil)
                        }, nextDueAt: start, scheduled: 3),
                    toolID("files"): DueScan(due: [], nextDueAt: start + .seconds(1), scheduled: 3),
                ]), at: moment)
        }
        driver.wake(after: .seconds(1))
        #expect(driver.scans.first?.keys.map(\.rawValue) == ["files"])
        driver.scanned([key("bob", tool: "files")], tool: "files")
        #expect(driver.claims == [key("bob", tool: "files")])
    }

    // MARK: Configuration

    @Test("a changed plan has its records planned anew, and is remembered when that is done")
    func replanned() throws {
        driver.launch()
        let plan = try #require(
            driver.actions.lazy.compactMap { if case .setPlan(_, let plan) = $0 { plan } else { nil } }.first)
        driver.set("mail") { $0.aheadFraction = 0.5 }
        driver.tell { $0.reconfigure([key().toolID: ToolState(pause: nil, plan: plan)], at: $1) }
        guard case .policy(let policy)? = driver.revisions.first else {
            Issue.record("nothing is planned anew: \(driver.actions)")
            return
        }
        #expect(policy.aheadFraction == 0.5)
        driver.tell { $0.revised(.success(RevisedPage(last: userID("m"), changed: 256, nextDueAt: nil)), at: $1) }
        #expect(driver.revisions.count == 1)
        driver.tell { $0.revised(.success(RevisedPage(last: nil, changed: 3, nextDueAt: nil)), at: $1) }
        let renewed = driver.actions.compactMap { if case .setPlan(_, let plan) = $0 { plan } else { nil } }
        #expect(renewed.count == 1 && renewed.first != plan)
    }

    @Test("an unchanged plan leaves the records alone")
    func unchanged() throws {
        driver.launch()
        let plan = try #require(
            driver.actions.lazy.compactMap { if case .setPlan(_, let plan) = $0 { plan } else { nil } }.first)
        driver.tell { $0.reconfigure([key().toolID: ToolState(pause: nil, plan: plan)], at: $1) }
        #expect(driver.revisions.isEmpty)
    }
}
