import Refresh
import Testing
import ToolAuthCore

@Suite("The endpoint governor")
final class EndpointGovernorTests {
    let other = EndpointID(tokenEndpoint: "https://other.test/token", clientID: "client")
    var governor = EndpointGovernor()

    func keys(_ count: Int, _ prefix: String = "user") -> [ToolAuthKey] {
        (0..<count).map { key("\(prefix)-\($0 + 100)") }
    }

    func enqueue(
        _ keys: [ToolAuthKey], at place: EndpointID = endpoint, _ precedence: Precedence = .background,
        concurrency: Int = 16, canConnect: Bool = false, rate: RefreshPolicy.Rate? = nil
    ) {
        let policy = policy {
            $0.concurrency = concurrency
            $0.rate = rate
        }
        for key in keys {
            governor.enqueue(
                key, at: place, precedence, expiresAt: nil, policy, canConnect: canConnect, now: start)
        }
    }

    func begin(now: Timestamp, atMost limit: Int = .max) -> [EndpointGovernor.Start] {
        governor.start(now: now, atMost: limit)
    }

    func beginConnection(now: Timestamp) -> Bool { governor.beginConnection(to: endpoint, now: now) }

    func endConnection(succeeded: Bool, now: Timestamp) -> Bool {
        governor.endConnection(to: endpoint, succeeded: succeeded, now: now)
    }

    /// Starts one attempt and ends it so.
    func attempt(
        _ key: ToolAuthKey, _ signal: EndpointSignal, retryAfter: Duration? = nil, population: Int = 3, now: Timestamp
    ) throws -> EndpointGovernor.Effect {
        enqueue([key], .foreground, canConnect: false)
        let ticket = try #require(begin(now: now).first { $0.key == key }).ticket
        return governor.finish(
            ticket, key, signal, population: population, retryAfter: retryAfter, now: now)
    }

    // MARK: How many, in what order

    @Test("no more attempts start than the endpoint bears, four to begin with")
    func limit() throws {
        enqueue(keys(10))
        let first = begin(now: start)
        #expect(first.map(\.key) == Array(keys(10).prefix(ConcurrencyLimit.initial)))
        #expect(begin(now: start).isEmpty)
        governor.release(try #require(first.first).ticket, now: start)
        #expect(begin(now: start).map(\.key) == [keys(10)[4]])
    }

    @Test("an endpoint that may be asked once at a time is")
    func serial() {
        enqueue(keys(3), concurrency: 1)
        #expect(begin(now: start).count == 1)
    }

    @Test("one endpoint's queue does not starve another's")
    func fairness() {
        enqueue(keys(100, "many"))
        enqueue(keys(3, "few"), at: other)
        let started = begin(now: start, atMost: 4)
        #expect(started.count { $0.key.userID.rawValue.hasPrefix("few") } == 2)
    }

    @Test("places in all are limited, and some are left for those who wait")
    func globalLimit() {
        let endpoints = (0..<100).map { EndpointID(tokenEndpoint: "https://\($0).test/token", clientID: "client") }
        for place in endpoints { enqueue(keys(4, place.rawValue.filter(\.isNumber)), at: place) }
        #expect(begin(now: start).count == EndpointGovernor.globalLimit - EndpointGovernor.foregroundReserve)
        enqueue([key("bob")], at: other, .foreground)
        #expect(begin(now: start).map(\.key) == [key("bob")])
    }

    @Test("somebody who waits goes first, then what must be sent soon, then what expires first")
    func order() {
        for (user, end) in [("late", 300), ("soon", 100), ("middle", 200)] {
            governor.enqueue(
                key(user), at: endpoint, .background, expiresAt: start + .seconds(end), policy(), canConnect: false,
                now: start)
        }
        enqueue([key("endless")])
        enqueue([key("urgent")], .urgent)
        enqueue([key("waits")], .foreground)
        #expect(begin(now: start).map(\.key.userID.rawValue) == ["waits", "urgent", "soon", "middle"])
        let left = governor.clearQueues(now: start)
        #expect(left.map(\.userID.rawValue) == ["late", "endless"])
    }

    @Test("a queued key that somebody comes to wait for moves ahead", arguments: [Precedence.background, .urgent])
    func promotion(from precedence: Precedence) {
        enqueue(keys(6), precedence)
        governor.promote(keys(6)[5], at: endpoint)
        #expect(begin(now: start, atMost: 1).map(\.key) == [keys(6)[5]])
    }

    // MARK: Room

    @Test("the background queue says how much room it has")
    func room() {
        #expect(governor.room(at: endpoint) == EndpointGovernor.backgroundQueueLimit)
        enqueue(keys(10))
        #expect(governor.room(at: endpoint) == EndpointGovernor.backgroundQueueLimit - 10)
        _ = begin(now: start)
        #expect(governor.queued(at: endpoint) == 6)
        #expect(governor.active(at: endpoint) == 4)
        #expect(governor.room(at: endpoint) == EndpointGovernor.backgroundQueueLimit - 6)
        governor.withdraw(keys(10)[7], at: endpoint, now: start)
        #expect(governor.queued(at: endpoint) == 5)
    }

    @Test("all queues together are bounded too")
    func globalRoom() {
        let endpoints = (0..<32).map { EndpointID(tokenEndpoint: "https://\($0).test/token", clientID: "client") }
        for place in endpoints { enqueue(keys(EndpointGovernor.backgroundQueueLimit), at: place) }
        #expect(governor.room(at: other) == 0)
        _ = governor.clearQueues(now: start)
        #expect(governor.room(at: other) == EndpointGovernor.backgroundQueueLimit)
    }

    // MARK: Retry-After

    @Test("a Retry-After holds the endpoint, turns away what waits, and passes")
    func held() throws {
        enqueue(keys(5), concurrency: 1)
        let effect = try attempt(key("bob"), .overloaded, retryAfter: .seconds(30), now: start)
        // What waited is read again later.
        #expect(effect.dropped == keys(5))
        enqueue([key("late")], .foreground)
        #expect(governor.refusal(at: endpoint, now: start) == start + .seconds(30))
        #expect(governor.intake(at: endpoint, now: start) == 0)
        #expect(begin(now: start + .milliseconds(29_999)).isEmpty)
        #expect(governor.nextStart(at: endpoint, now: start) == start + .seconds(30))
        #expect(governor.refusal(at: endpoint, now: start + .seconds(30)) == nil)
        #expect(begin(now: start + .seconds(30)).map(\.key) == [key("late")])
    }

    @Test("a shorter Retry-After does not cut a longer one, and none is obeyed for more than an hour")
    func longestHold() throws {
        enqueue(keys(2), .foreground)
        let tickets = begin(now: start)
        for (ticket, wait) in zip(tickets, [Duration.seconds(86_400), .seconds(5)]) {
            _ = governor.finish(
                ticket.ticket, ticket.key, .overloaded, population: 3, retryAfter: wait, now: start)
        }
        #expect(governor.closedUntil(endpoint, now: start) == start + EndpointGovernor.longestHold)
    }

    // MARK: The breaker

    @Test("when the breaker opens, what waits is let go, and only a probe goes out")
    func breaker() throws {
        _ = try attempt(key("a"), .failed, now: start)
        _ = try attempt(key("b"), .failed, now: start)
        enqueue([key("waiting")], .background)
        let effect = try attempt(key("c"), .failed, now: start)
        #expect(effect.opened && effect.isBroken)
        #expect(governor.isBroken(endpoint))
        // One record for the probe, and not before its time.
        #expect(governor.intake(at: endpoint, now: start) == 0)
        #expect(governor.intake(at: endpoint, now: start + .seconds(1)) == 1)
        enqueue([key("probe"), key("second")])
        let probes = begin(now: start + .seconds(1))
        #expect(probes.map(\.ticket.isProbe) == [true])
        let closed = governor.finish(
            try #require(probes.first).ticket, key("probe"), .answered, population: 3, retryAfter: nil,
            now: start + .seconds(2))
        #expect(closed.closed && !closed.isBroken)
    }

    @Test("where an endpoint was not even reached, a connection is the probe, and no record is read for it")
    func probesByConnection() throws {
        for user in ["a", "b"] {
            enqueue([key(user)], .foreground, canConnect: true)
            let begun = try #require(begin(now: start).first)
            _ = governor.finish(
                begun.ticket, begun.key, .unreachable, population: 3, retryAfter: nil, now: start)
        }
        #expect(governor.isBroken(endpoint))
        let later = start + .seconds(1)
        #expect(governor.intake(at: endpoint, now: later) == 0)
        #expect(!beginConnection(now: start))
        #expect(beginConnection(now: later))
        #expect(!beginConnection(now: later), "one at a time")
        #expect(!endConnection(succeeded: false, now: later))
        #expect(!beginConnection(now: later + .seconds(1)))
        #expect(beginConnection(now: later + .seconds(2)))
        #expect(endConnection(succeeded: true, now: later + .seconds(2)))
        #expect(!governor.isBroken(endpoint))
    }

    // MARK: Rate

    @Test("no more requests go out than the provider allows in its span")
    func rate() {
        let rate = RefreshPolicy.Rate(requests: 2, per: .seconds(60), scope: .client)
        enqueue(keys(5), rate: rate)
        #expect(begin(now: start).count == 2)
        #expect(begin(now: start + .milliseconds(29_999)).isEmpty)
        #expect(governor.nextStart(at: endpoint, now: start) == start + .seconds(30))
        #expect(begin(now: start + .seconds(30)).count == 1)
    }

    // MARK: Time

    @Test("when the clock is set, what is held is held as long as before", arguments: [3600, -3600])
    func shift(seconds: Int) throws {
        _ = try attempt(key("a"), .overloaded, retryAfter: .seconds(30), now: start)
        governor.shift(by: .seconds(seconds))
        let set = start + .seconds(seconds)
        #expect(governor.closedUntil(endpoint, now: set) == set + .seconds(30))
    }

    @Test("an endpoint with nothing to do and nothing to remember is forgotten")
    func forgotten() throws {
        _ = try attempt(key(), .answered, now: start)
        #expect(governor.limit(at: endpoint) == nil)
        _ = try attempt(key(), .failed, now: start)
        #expect(governor.limit(at: endpoint) != nil)
    }
}
