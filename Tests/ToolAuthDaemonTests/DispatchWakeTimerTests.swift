import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("The timer on Dispatch")
struct DispatchWakeTimerTests {
    /// Of any machine's clock: the past rings at once, the future not while a test runs.
    private static let (past, future) = (Timestamp(secondsSinceEpoch: 1), Timestamp(secondsSinceEpoch: 8_000_000_000))

    /// A timer, and how often it rang.
    private final class Rung: Sendable {
        let timer = DispatchWakeTimer()
        private let count = Locked(0)

        init(then act: @escaping @Sendable (DispatchWakeTimer, Int) -> Void = { _, _ in }) {
            timer.onWake { [weak self] in
                guard let self else { return }
                act(
                    timer,
                    count.withLock { count in
                        count += 1
                        return count
                    })
            }
        }

        func reaches(_ wanted: Int) async -> Bool { await eventually { count.withLock { $0 } == wanted } }
    }

    @Test("armed again for the same instant after it rang, it rings again")
    func again() async {
        let rung = Rung()
        for time in 1...3 {
            rung.timer.arm(at: Self.past)
            #expect(await rung.reaches(time))
        }
    }

    @Test("armed again for the same instant while it rings, it rings again")
    func whileRinging() async {
        let rung = Rung { timer, time in if time < 3 { timer.arm(at: Self.past) } }
        rung.timer.arm(at: Self.past)
        #expect(await rung.reaches(3))
    }

    @Test("armed for another instant, or disarmed, it keeps to what was said last")
    func changed() async {
        let rung = Rung()
        rung.timer.arm(at: Self.future)
        rung.timer.arm(at: Self.past)
        #expect(await rung.reaches(1))
        rung.timer.arm(at: Self.future)
        rung.timer.arm(at: nil)
        rung.timer.arm(at: nil)
        rung.timer.arm(at: Self.past)
        #expect(await rung.reaches(2))
    }
}
