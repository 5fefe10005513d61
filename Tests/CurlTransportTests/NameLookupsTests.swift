import Testing

@testable import CurlTransport

/// The order of lookups, as a table of events.
struct NameLookupsTests {
    private let start = SuspendingClock.now
    private let alice = TransferID()
    private let bob = TransferID()

    @Test("who asks while a lookup runs waits for it, and it is started once")
    func joined() {
        var lookups = NameLookups(limit: 2, lifetime: .seconds(60))
        #expect(lookups.demand("a", for: alice, now: start) == .wait)
        #expect(lookups.start() == ["a"])
        #expect(lookups.demand("a", for: bob, now: start) == .wait)
        #expect(lookups.start() == [])
        #expect(lookups.answered("a", .addresses(["::1"]), now: start) == [alice, bob])
    }

    @Test("an answer is good for its lifetime, and an error for nobody else")
    func lifetime() {
        var lookups = NameLookups(limit: 2, lifetime: .seconds(60))
        _ = lookups.demand("a", for: alice, now: start)
        _ = lookups.start()
        _ = lookups.answered("a", .addresses(["::1"]), now: start)
        #expect(lookups.demand("a", for: bob, now: start + .seconds(59)) == .known(["::1"]))
        #expect(lookups.demand("a", for: bob, now: start + .seconds(60)) == .wait)
        #expect(lookups.start() == ["a"])
        #expect(lookups.answered("a", .failed(reason: ""), now: start + .seconds(60)) == [bob])
        #expect(lookups.demand("a", for: bob, now: start + .seconds(61)) == .wait)
    }

    @Test("beyond the limit names wait in order, and an abandoned lookup keeps its place until it ends")
    func bounded() {
        var lookups = NameLookups(limit: 1, lifetime: .seconds(60))
        for host in ["a", "b", "c"] { _ = lookups.demand(host, for: alice, now: start) }
        #expect(lookups.start() == ["a"])
        lookups.abandon("a", alice)
        #expect(lookups.start() == [])
        #expect(lookups.answered("a", .addresses(["::1"]), now: start) == [])
        #expect(lookups.start() == ["b"])
    }

    @Test("a name that nobody waits for any more is not looked up")
    func abandoned() {
        var lookups = NameLookups(limit: 1, lifetime: .seconds(60))
        for host in ["a", "b", "c"] { _ = lookups.demand(host, for: alice, now: start) }
        _ = lookups.demand("c", for: bob, now: start)
        #expect(lookups.start() == ["a"])
        lookups.abandon("b", alice)
        lookups.abandon("c", alice)
        _ = lookups.answered("a", .failed(reason: ""), now: start)
        #expect(lookups.start() == ["c"])
        #expect(lookups.answered("c", .failed(reason: ""), now: start) == [bob])
        #expect(lookups.start() == [])
    }

    @Test("asking again after the only one who waited gave up joins the lookup that still runs")
    func rejoined() {
        var lookups = NameLookups(limit: 2, lifetime: .seconds(60))
        _ = lookups.demand("a", for: alice, now: start)
        _ = lookups.start()
        lookups.abandon("a", alice)
        #expect(lookups.demand("a", for: bob, now: start) == .wait)
        #expect(lookups.start() == [])
        #expect(lookups.answered("a", .addresses(["::1"]), now: start) == [bob])
    }

    @Test("a forgotten answer is not given again")
    func forgotten() {
        var lookups = NameLookups(limit: 2, lifetime: .seconds(60))
        _ = lookups.demand("a", for: alice, now: start)
        _ = lookups.start()
        _ = lookups.answered("a", .addresses(["::1"]), now: start)
        lookups.forget("a")
        #expect(lookups.demand("a", for: bob, now: start) == .wait)
        #expect(lookups.start() == ["a"])
    }
}
