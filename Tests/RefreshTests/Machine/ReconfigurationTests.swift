import Refresh
import Testing
import ToolAuthCore

@Suite("The machine: tools that are configured otherwise while their records wait")
struct ReconfigurationTests {
    let driver = MachineDriver()
    let keys = (1...20).map { key("alice\($0)") }
    private let refused = RefreshOutcome.requestRejected(
        AttemptFailure(code: "not_found", detail: "No such path.", providerStatus: 404))

    /// Sent, answered and stored, whatever has been claimed; what was claimed meanwhile.
    private func finish(_ keys: [ToolAuthKey], _ outcome: RefreshOutcome) throws -> [ToolAuthKey] {
        var claims: [ToolAuthKey] = []
        for key in keys {
            driver.claimed(grant(key.userID.rawValue))
            claims += driver.claims
            driver.ended(key, outcome)
            claims += driver.claims
            driver.stored(try #require(driver.commits.first { $0.key == key }))
            claims += driver.claims
        }
        return claims
    }

    @Test("what waited at the former endpoint is neither claimed nor forgotten when the tool is paused then")
    func movedAndPaused() throws {
        driver.begin(keys)
        let begun = driver.claims
        #expect(begun.count == 4)
        driver.set("mail", path: "moved")
        driver.reconfigure()
        #expect(driver.scans.count == 1, "the due records are looked at again")
        #expect(try finish(begun, refused) == [])
        #expect(driver.machine.pause(of: key().toolID)?.kind == .requestRejected)
        #expect(driver.machine.isIdle)
    }

    @Test("put back, the tool goes on with as many at once as before")
    func movedThereAndBack() throws {
        driver.begin(keys)
        let begun = driver.claims
        driver.set("mail", path: "moved")
        driver.reconfigure()
        #expect(try finish(begun, .refreshed(reply(at: start))) == [])
        driver.set("mail")
        driver.reconfigure()
        driver.scanned(Array(keys.dropFirst(4)))
        #expect(driver.claims.count >= 4)
    }

    @Test("whoever waits has his turn at the new endpoint, or learns that there is none")
    func waiting() throws {
        driver.begin(Array(keys.prefix(4)))
        #expect(driver.request(key("bob")) == nil)
        #expect(driver.claims == [])
        driver.set("mail", path: "moved")
        driver.reconfigure()
        #expect(driver.claims == [key("bob")])

        let other = MachineDriver()
        other.begin(Array(keys.prefix(4)))
        #expect(other.request(key("bob")) == nil)
        other.tools.remove(key().toolID)
        other.reconfigure()
        #expect(other.answer(for: key("bob"))?.name == "toolUnavailable")
    }

    @Test("a tool that vanishes and comes back is scanned for as many as there is room")
    func vanished() throws {
        driver.begin(Array(keys.prefix(8)))
        let begun = driver.claims
        #expect(begun.count == 4)
        driver.tools.remove(key().toolID)
        driver.reconfigure()
        driver.set("mail")
        driver.reconfigure()
        #expect(driver.scans == [[key().toolID: 128 + 4]], "those being claimed show up first")
        driver.scanned()
        #expect(try finish(begun, .refreshed(reply(at: start))) == [])
        driver.tell { $0.note(key().toolID, dueAt: start, at: $1) }
        #expect(driver.scans == [[key().toolID: 128]])
    }
}
