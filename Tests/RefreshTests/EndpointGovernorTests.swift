import Refresh
import Testing
import ToolAuthCore

@Suite("The endpoint governor")
struct EndpointGovernorTests {
    let other = EndpointID(tokenEndpoint: "https://other.test/token", clientID: "client")

    func keys(_ count: Int, _ prefix: String = "user") -> [ToolAuthKey] {
        (0..<count).map { key("\(prefix)-\($0)") }
    }

    @Test("no more attempts start than the endpoint bears")
    func limit() {
        var governor = EndpointGovernor()
        for key in keys(10) { governor.enqueue(key, at: endpoint, limit: 3, isForeground: false) }
        #expect(governor.start(now: start) == Array(keys(10).prefix(3)))
        #expect(governor.start(now: start).isEmpty)
        governor.finish(at: endpoint, now: start)
        #expect(governor.start(now: start) == [keys(10)[3]])
    }

    @Test("one endpoint's queue does not starve another's")
    func fairness() {
        var governor = EndpointGovernor()
        for key in keys(600, "many") { governor.enqueue(key, at: endpoint, limit: 1000, isForeground: false) }
        for key in keys(3, "few") { governor.enqueue(key, at: other, limit: 1000, isForeground: false) }
        let started = governor.start(now: start)
        #expect(started.filter { $0.userID.rawValue.hasPrefix("few") }.count == 3)
        #expect(started.count == EndpointGovernor.globalLimit - EndpointGovernor.foregroundReserve)
    }

    @Test("somebody who waits goes first, and has places that background work leaves free")
    func foreground() {
        var governor = EndpointGovernor()
        for key in keys(300) { governor.enqueue(key, at: endpoint, limit: 1000, isForeground: false) }
        #expect(governor.start(now: start).count == EndpointGovernor.globalLimit - EndpointGovernor.foregroundReserve)
        governor.enqueue(key("bob"), at: endpoint, limit: 1000, isForeground: true)
        #expect(governor.start(now: start) == [key("bob")])
    }

    @Test("a queued key that somebody comes to wait for moves ahead")
    func promotion() {
        var governor = EndpointGovernor()
        for key in keys(3) { governor.enqueue(key, at: endpoint, limit: 1, isForeground: false) }
        governor.promote(keys(3)[2], at: endpoint)
        #expect(governor.start(now: start) == [keys(3)[2]])
    }

    @Test("nothing starts at a held endpoint, and everything after")
    func held() {
        var governor = EndpointGovernor()
        governor.hold(endpoint, until: start + .seconds(30))
        governor.hold(endpoint, until: start + .seconds(10))
        governor.enqueue(key(), at: endpoint, limit: 4, isForeground: true)
        #expect(governor.heldUntil(at: endpoint, now: start) == start + .seconds(30))
        #expect(governor.start(now: start + .milliseconds(29_999)).isEmpty)
        #expect(governor.heldUntil(at: endpoint, now: start + .seconds(30)) == nil)
        #expect(governor.start(now: start + .seconds(30)) == [key()])
    }

    @Test("the background queue says how much room it has")
    func room() {
        var governor = EndpointGovernor()
        #expect(governor.room(at: endpoint) == EndpointGovernor.backgroundQueueLimit)
        for key in keys(5) { governor.enqueue(key, at: endpoint, limit: 2, isForeground: false) }
        #expect(governor.room(at: endpoint) == EndpointGovernor.backgroundQueueLimit - 5)
        #expect(governor.queued(at: endpoint) == 5)
        _ = governor.start(now: start)
        #expect(governor.queued(at: endpoint) == 3)
        #expect(governor.inFlight(at: endpoint) == 2)
    }

    @Test("clearing the queues returns what will not be tried")
    func clear() {
        var governor = EndpointGovernor()
        for key in keys(3) { governor.enqueue(key, at: endpoint, limit: 1, isForeground: false) }
        _ = governor.start(now: start)
        #expect(governor.clearQueues() == Array(keys(3).dropFirst()))
        governor.finish(at: endpoint, now: start)
        #expect(governor.start(now: start).isEmpty)
    }
}

@Suite("The coordinator")
struct RefreshCoordinatorTests {
    func request(
        _ coordinator: inout RefreshCoordinator, _ key: ToolAuthKey, _ reason: RefreshReason = .scheduled
    ) -> RefreshCoordinator.Admission {
        coordinator.request(key, at: endpoint, limit: 4, reason, now: start)
    }

    @Test("there is one attempt per record, and everybody joins it")
    func singleFlight() {
        var coordinator = RefreshCoordinator()
        #expect(request(&coordinator, key()) == .admitted)
        #expect(request(&coordinator, key(), .read(generation: 1)) == .joined)
        #expect(coordinator.start(now: start) == [key()])
        #expect(request(&coordinator, key(), .forced(generation: 1)) == .joined)
        #expect(coordinator.start(now: start).isEmpty)
        #expect(coordinator.end(key(), holdUntil: nil, now: start) == endpoint)
        #expect(coordinator.isIdle)
        #expect(request(&coordinator, key()) == .admitted)
    }

    @Test("a Retry-After of one record holds its endpoint for all")
    func held() {
        var coordinator = RefreshCoordinator()
        _ = request(&coordinator, key("alice"))
        _ = coordinator.start(now: start)
        _ = coordinator.end(key("alice"), holdUntil: start + .seconds(60), now: start)
        #expect(request(&coordinator, key("bob"), .forced(generation: 1)) == .held(until: start + .seconds(60)))
        #expect(coordinator.isIdle)
    }

    @Test("at a stop nothing begins, and what runs is waited for")
    func stop() {
        var coordinator = RefreshCoordinator()
        for index in 0..<6 { _ = request(&coordinator, key("user-\(index)")) }
        #expect(coordinator.start(now: start).count == 4)
        #expect(coordinator.stop().count == 2)
        #expect(coordinator.count == 4)
        #expect(request(&coordinator, key("late")) == .stopping)
        #expect(request(&coordinator, key("user-0")) == .joined)
        for index in 0..<4 { _ = coordinator.end(key("user-\(index)"), holdUntil: nil, now: start) }
        #expect(coordinator.isIdle)
    }

    @Test("the end of an attempt that nobody began changes nothing")
    func unknownEnd() {
        var coordinator = RefreshCoordinator()
        #expect(coordinator.end(key(), holdUntil: nil, now: start) == nil)
    }
}
