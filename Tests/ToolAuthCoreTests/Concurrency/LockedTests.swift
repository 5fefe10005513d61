import Dispatch
import Testing
import ToolAuthCore

@Suite("A value that one thread at a time uses")
struct LockedTests {
    private struct Failure: Error {}

    @Test("no change is lost among threads")
    func threads() {
        let count = Locked(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<10_000 { count.withLock { $0 += 1 } }
        }
        #expect(count.withLock { $0 } == 80_000)
    }

    @Test("what a body throws is thrown, what it changed stays, and the lock is free again")
    func throwing() {
        let value = Locked("before")
        #expect(throws: Failure.self) {
            try value.withLock { value throws(Failure) in
                value = "changed"
                throw Failure()
            }
        }
        #expect(value.withLock { $0 } == "changed")
    }

    @Test("the value goes with it")
    func released() {
        final class Held: Sendable {}
        weak var held: Held?
        do {
            let object = Held()
            held = object
            let locked = Locked<Held?>(object)
            #expect(locked.withLock { $0 } === held)
        }
        #expect(held == nil)
    }
}
