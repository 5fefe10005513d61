import Refresh
import Testing
import ToolAuthCore

@Suite("The machine: a store that is held")
struct HoldTests {
    let driver = MachineDriver()

    @Test(
        "nothing is sent, recovered or scanned until an administrator says so",
        arguments: [StoreHold.restored, .foreignMachine])
    func held(hold: StoreHold) {
        driver.launch(openAttempts: [key()], hold: hold)
        #expect(driver.machine.isStarted)
        #expect(driver.scans.isEmpty)
        #expect(driver.request(key())?.name == "onHold")
        driver.wake(after: .seconds(86_400))
        #expect(driver.scans.isEmpty)
        driver.tell { $0.note(key().toolID, dueAt: start, at: $1) }
        #expect(driver.scans.isEmpty)
    }

    @Test("once resumed it begins like any other start")
    func resumed() {
        driver.launch(hold: .restored)
        driver.launch()
        #expect(driver.scans.count == 1)
        #expect(driver.request(key()) == nil)
    }
}
