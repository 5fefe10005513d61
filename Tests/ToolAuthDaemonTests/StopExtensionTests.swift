import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Extending a stop")
struct StopExtensionTests {
    /// When the manager was told to wait, and how long, where time passes with each pause alone.
    private func extensions(whileUnfinishedFor duration: Duration, limit: Duration) async -> [(Duration, by: Duration)]
    {
        let (passed, told) = (Locked(Duration.zero), Locked<[(Duration, by: Duration)]>([]))
        await StopExtension(
            isUnfinished: { passed.withLock { $0 } < duration },
            extendTimeout: { by in told.withLock { [at = passed.withLock { $0 }] in $0.append((at, by)) } },
            pause: { span in passed.withLock { $0 += span } }
        ).run(limit: limit)
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
