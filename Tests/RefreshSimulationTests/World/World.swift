import ToolAuthCore

/// Time, and what happens when: a queue of events on a clock that jumps from one to the next.
final class World {
    /// Milliseconds on a clock that nobody sets; suspends count.
    private(set) var elapsed: Int64 = 0
    /// Wall clock minus `elapsed`.
    private(set) var offset: Int64
    private(set) var bootID: Int64 = 1
    /// When this boot began.
    private var bootedAt: Int64 = 0
    let random: SeededRandom
    private var events = EventHeap()

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        offset = 1_767_225_600_000
    }

    var now: Timestamp { Timestamp(millisecondsSinceEpoch: elapsed + offset) }

    var boot: BootReference { BootReference(bootID: bootID, offset: offset + bootedAt) }

    private var lastSetAt: Int64?

    /// Spans that contain both a start of the machine and a setting of its clock cannot be measured by anybody but us; this
    /// is the latest instant at which such a span may begin.
    var unmeasurableFrom: Int64? {
        guard bootID > 1, let lastSetAt else { return nil }
        return min(lastSetAt, bootedAt)
    }

    /// Somebody sets the wall clock.
    func setClock(by step: Duration) {
        offset += step.wholeMilliseconds
        lastSetAt = elapsed
    }

    /// The machine starts anew; the wall clock goes on.
    func reboot() {
        bootID += 1
        bootedAt = elapsed
    }

    func after(_ delay: Duration, _ body: @escaping () -> Void) {
        events.push(at: elapsed + max(0, delay.wholeMilliseconds), body)
    }

    /// Runs what happens until `end`, which is measured as `elapsed`.
    func run(until end: Int64, while goesOn: () -> Bool) {
        while goesOn(), let next = events.pop(noLaterThan: end) {
            elapsed = max(elapsed, next.at)
            next.body()
        }
        if goesOn() { elapsed = max(elapsed, end) }
    }
}

/// A binary heap; events of one instant happen in the order they were put in.
private struct EventHeap {
    struct Event {
        let at: Int64
        let order: Int
        let body: () -> Void

        func precedes(_ other: Event) -> Bool { at == other.at ? order < other.order : at < other.at }
    }

    private var events: [Event] = []
    private var pushed = 0

    mutating func push(at instant: Int64, _ body: @escaping () -> Void) {
        pushed += 1
        events.append(Event(at: instant, order: pushed, body: body))
        var child = events.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard events[child].precedes(events[parent]) else { break }
            events.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop(noLaterThan end: Int64) -> Event? {
        guard let first = events.first, first.at <= end else { return nil }
        let last = events.removeLast()
        guard !events.isEmpty else { return first }
        events[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < events.count {
                if events[child].precedes(events[least]) { least = child }
            }
            if least == parent { return first }
            events.swapAt(parent, least)
            parent = least
        }
    }
}
