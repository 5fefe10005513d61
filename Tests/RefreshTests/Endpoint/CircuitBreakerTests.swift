import Refresh
import Testing
import ToolAuthCore

@Suite("The circuit breaker")
final class CircuitBreakerTests {
    var breaker = CircuitBreaker()

    @discardableResult
    func fail(
        _ user: String?, atConnectLevel: Bool = false, population: Int = 3, wasProbe: Bool = false,
        now: Timestamp = start
    ) -> Bool {
        breaker.failed(
            user.map { key($0) }, atConnectLevel: atConnectLevel, population: population, wasProbe: wasProbe, now: now)
    }

    func answered() -> Bool { breaker.answered() }

    /// One that opened at `start`.
    static func open(atConnectLevel: Bool = false) -> CircuitBreakerTests {
        let test = CircuitBreakerTests()
        for user in ["a", "b", "c"] where !test.breaker.isOpen { test.fail(user, atConnectLevel: atConnectLevel) }
        return test
    }

    @Test("it opens after two failures to connect")
    func connectLevel() {
        #expect(!fail("a", atConnectLevel: true))
        #expect(fail("a", atConnectLevel: true))
        #expect(breaker.wantsConnection)
    }

    @Test("it opens after failures of three distinct records, never for one record's own trouble")
    func distinctRecords() {
        for _ in 0..<10 { #expect(!fail("a")) }
        #expect(!fail("b"))
        #expect(fail("c"))
        #expect(!breaker.wantsConnection)
    }

    @Test("where there are fewer records, all of them are enough", arguments: [(1, 1), (2, 2), (3, 3), (50, 3)])
    func few(population: Int, needed: Int) {
        let test = CircuitBreakerTests()
        let opened = (0..<3).map { test.fail("user-\($0)", population: population) }
        #expect(opened.firstIndex(of: true) == needed - 1)
    }

    @Test("an answer between begins the count anew")
    func interrupted() {
        fail("a")
        fail("b")
        #expect(!answered())
        #expect(!fail("c"))
    }

    @Test("probes come after 1 s, 2 s, 4 s, up to a minute")
    func intervals() throws {
        let test = CircuitBreakerTests.open()
        var now = start
        var waits: [Duration] = []
        for _ in 0..<9 {
            let probeAt = try #require(test.breaker.probeAt)
            waits.append(probeAt - now)
            now = probeAt
            #expect(!test.breaker.mayProbe(now: now - .milliseconds(1), isForeground: false))
            #expect(test.breaker.mayProbe(now: now, isForeground: false))
            test.breaker.beginProbe(now: now, isForeground: false)
            #expect(!test.breaker.mayProbe(now: now + .seconds(600), isForeground: true), "one at a time")
            test.fail("a", wasProbe: true, now: now)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
    }

    @Test("the first answer closes it")
    func closes() {
        let test = CircuitBreakerTests.open()
        test.breaker.beginProbe(now: start + .seconds(1), isForeground: false)
        #expect(test.answered())
        #expect(test.breaker == CircuitBreaker())
    }

    @Test("failures of attempts that had begun before it opened put no probe off")
    func stragglers() {
        let test = CircuitBreakerTests.open()
        let probeAt = test.breaker.probeAt
        for user in ["d", "e", "f"] { #expect(!test.fail(user, now: start + .seconds(20))) }
        #expect(test.breaker.probeAt == probeAt)
    }

    @Test("somebody who waits may be the probe, once in five seconds")
    func foreground() {
        let test = CircuitBreakerTests.open()
        #expect(!test.breaker.mayProbe(now: start, isForeground: false))
        #expect(test.breaker.mayProbe(now: start, isForeground: true))
        test.breaker.beginProbe(now: start, isForeground: true)
        test.fail("a", wasProbe: true, now: start + .seconds(1))
        #expect(!test.breaker.mayProbe(now: start + .milliseconds(2900), isForeground: true))
        test.breaker.beginProbe(now: start + .seconds(3), isForeground: false)
        test.fail("a", wasProbe: true, now: start + .seconds(3))
        #expect(!test.breaker.mayProbe(now: start + .milliseconds(4999), isForeground: true))
        #expect(test.breaker.mayProbe(now: start + .seconds(5), isForeground: true))
    }

    @Test("a probe that was not sent after all leaves its place to another")
    func abandoned() {
        let test = CircuitBreakerTests.open()
        test.breaker.beginProbe(now: start + .seconds(1), isForeground: false)
        test.breaker.abandonProbe()
        #expect(test.breaker.mayProbe(now: start + .seconds(1), isForeground: false))
    }

    @Test("a probe that got further than those before asks for records instead of connections")
    func fartherProbe() {
        let test = CircuitBreakerTests.open(atConnectLevel: true)
        #expect(test.breaker.wantsConnection)
        test.breaker.beginProbe(now: start + .seconds(1), isForeground: false)
        test.fail("a", wasProbe: true, now: start + .seconds(1))
        #expect(!test.breaker.wantsConnection)
    }
}
