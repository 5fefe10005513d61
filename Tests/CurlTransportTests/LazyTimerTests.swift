import Dispatch
import TestSupport
import Testing
import ToolAuthCore

@testable import CurlTransport

@Suite(.timeLimit(.minutes(5)))
struct LazyTimerTests {
    /// What was done with a timer, and when its time came.
    fileprivate final class Desk: @unchecked Sendable {
        let queue = DispatchQueue(label: "test")
        let came = Locked<[DispatchTime]>([])
        /// Used on the queue.
        private(set) var timer: LazyTimer?

        init() {
            timer = LazyTimer(on: queue) { [weak self] in
                guard let self, timer?.isTime() == true else { return }
                came.withLock { $0.append(.now()) }
            }
        }

        func set(_ change: (LazyTimer, DispatchTime) -> Void) {
            queue.sync { if let timer { change(timer, .now()) } }
        }
    }

    @Test("an instant comes once, and not before its time")
    func comes() async {
        let desk = Desk()
        let due = DispatchTime.now() + .milliseconds(30)
        desk.set { timer, _ in timer.set(due) }
        #expect(await eventually { desk.came.withLock { $0.count } == 1 })
        #expect(desk.came.withLock { $0.allSatisfy { $0 >= due } })
        #expect(await desk.isQuietUntilAnotherComes)
    }

    @Test("one that is moved comes at its new time alone", arguments: [(20, 80), (80, 20), (20, 20)])
    func moved(_ first: Int, _ second: Int) async {
        let desk = Desk()
        let now = DispatchTime.now()
        desk.set { timer, _ in timer.set(now + .milliseconds(first)) }
        desk.set { timer, _ in timer.set(now + .milliseconds(second)) }
        #expect(await eventually { desk.came.withLock { $0.count } == 1 })
        #expect(desk.came.withLock { $0.allSatisfy { $0 >= now + .milliseconds(second) } })
        #expect(await desk.isQuietUntilAnotherComes)
    }

    @Test("a sooner one comes in the place of a later one, and a later one does not", arguments: [(20, 80), (80, 20)])
    func noLater(_ first: Int, _ second: Int) async {
        let desk = Desk()
        let now = DispatchTime.now()
        desk.set { timer, _ in timer.set(now + .milliseconds(first)) }
        desk.set { timer, _ in timer.set(noLaterThan: now + .milliseconds(second)) }
        #expect(await eventually { desk.came.withLock { $0.count } == 1 })
        #expect(desk.came.withLock { $0.allSatisfy { $0 >= now + .milliseconds(min(first, second)) } })
        #expect(await desk.isQuietUntilAnotherComes)
    }

    @Test("one that is given up does not come, and the next does")
    func givenUp() async {
        let desk = Desk()
        desk.set { timer, now in timer.set(now + .milliseconds(20)) }
        desk.set { timer, _ in timer.set(nil) }
        #expect(await desk.isQuietUntilAnotherComes)
        let due = DispatchTime.now() + .milliseconds(20)
        desk.set { timer, _ in timer.set(due) }
        #expect(await eventually { desk.came.withLock { $0.count } == 1 })
    }

    @Test("one that was asked for before its time says so, and comes yet")
    func tooSoon() async {
        let desk = Desk()
        desk.set { timer, now in
            timer.set(now + .milliseconds(50))
            #expect(!timer.isTime())
        }
        #expect(await eventually { desk.came.withLock { $0.count } == 1 })
    }
}

extension LazyTimerTests.Desk {
    /// Whether nothing more came of this timer by the time that another, set for later, rang.
    var isQuietUntilAnotherComes: Bool {
        get async {
            let count = came.withLock { $0.count }
            let other = LazyTimerTests.Desk()
            other.set { timer, now in timer.set(now + .milliseconds(150)) }
            guard await eventually({ other.came.withLock { $0.count } == 1 }) else { return false }
            return queue.sync { came.withLock { $0.count } == count }
        }
    }
}
