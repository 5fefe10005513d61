import Telemetry
import Testing
import ToolAuthCore

@Suite("The hub of events")
struct EventHubTests {
    private static let base = midnight.millisecondsSinceEpoch * 1000

    private func event() -> ToolAuthEvent { ToolAuthEvent(.refreshed, at: midnight, record: record()) }

    private func ids(_ entries: [EventHistory.Entry]?) -> [Int64]? { entries?.map { $0.id - Self.base } }

    @Test("a follower gets what comes after him, in order, as many at once as he takes")
    func order() async {
        let hub = EventHub(startedAt: midnight)
        let follower = hub.follow(after: nil)
        for _ in 0..<5 { hub.publish(event()) }
        #expect(ids(await follower.next(limit: 2)) == [1, 2])
        #expect(ids(await follower.next(limit: 2)) == [3, 4])
        #expect(ids(await follower.next(limit: 2)) == [5])
        #expect(follower.position == Self.base + 5)
    }

    @Test("nothing is kept before somebody follows")
    func idle() async {
        let hub = EventHub(startedAt: midnight)
        hub.publish(event())
        let follower = hub.follow(after: nil)
        hub.publish(event())
        #expect(ids(await follower.next()) == [1])
    }

    @Test("a follower who waits is woken by the next event, by the end, and by being cancelled")
    func waiting() async {
        let hub = EventHub(startedAt: midnight)
        let (first, second) = (hub.follow(after: nil), hub.follow(after: nil))
        async let one = first.next()
        async let two = second.next()
        hub.publish(event())
        #expect(ids(await one) == [1])
        #expect(ids(await two) == [1])
        async let cancelled = first.next()
        first.cancel()
        #expect(await cancelled == nil)
        async let ended = second.next()
        hub.finish()
        #expect(await ended == nil)
    }

    @Test("a cancelled task does not wait")
    func cancelledTask() async {
        let hub = EventHub(startedAt: midnight)
        let follower = hub.follow(after: nil)
        let task = Task { await follower.next() }
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test("what is there is read before the end")
    func drained() async {
        let hub = EventHub(startedAt: midnight)
        let follower = hub.follow(after: nil)
        hub.publish(event())
        hub.finish()
        #expect(ids(await follower.next()) == [1])
        #expect(await follower.next() == nil)
    }

    @Test(
        "an id is known if everything after it is here",
        arguments: [(0, false), (1, false), (2, true), (3, true), (5, true), (6, false), (-1, false)])
    func known(_ id: Int64, _ isKnown: Bool) async {
        let hub = EventHub(startedAt: midnight, capacity: 3)
        _ = hub.follow(after: nil)
        for _ in 0..<5 { hub.publish(event()) }
        let follower = hub.follow(after: Self.base + id)
        #expect(follower.isReset == !isKnown)
        if !isKnown || id == 5 { hub.publish(event()) }
        #expect(ids(await follower.next())?.first == (isKnown ? id + 1 : 6))
    }
}
