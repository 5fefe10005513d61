import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Extending a stop")
struct StopExtensionTests {
    /// Time passes where somebody sleeps.
    private final class QuickClock: Clock {
        struct Instant: InstantProtocol {
            let offset: Duration

            func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
            func duration(to other: Instant) -> Duration { other.offset - offset }
            static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
        }

        private let state = Locked(Instant(offset: .zero))
        var now: Instant { state.withLock { $0 } }
        var minimumResolution: Duration { .zero }

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            state.withLock { $0 = deadline }
        }
    }

    private func extensions(whileUnfinishedFor duration: Duration, limit: Duration) async -> [(Duration, by: Duration)]
    {
        let (clock, told) = (QuickClock(), Locked<[(Duration, by: Duration)]>([]))
        await StopExtension(
            isUnfinished: { clock.now.offset < duration },
            extendTimeout: { by in told.withLock { $0.append((clock.now.offset, by)) } }
        ).run(limit: limit, clock: clock)
        return told.withLock { $0 }
    }

    @Test("the manager is told to wait from the beginning, again before that is over, and no longer than needed")
    func told() async {
        let told = await extensions(whileUnfinishedFor: .seconds(40), limit: .seconds(600))
        #expect(told.map(\.0) == [.zero, .seconds(15), .seconds(30)])
        #expect(told.allSatisfy { $0.by == .seconds(30) })
        #expect(await extensions(whileUnfinishedFor: .zero, limit: .seconds(600)).isEmpty)
    }

    @Test("it ends at its limit, however much is unfinished")
    func limited() async {
        #expect(await extensions(whileUnfinishedFor: .seconds(10_000), limit: .seconds(60)).count == 4)
    }
}
