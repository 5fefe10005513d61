import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Changes of the tools in force")
struct ChangeQueueTests {
    private let changes = ChangeQueue()

    @Test("are made one after the other in the order they were asked for, also after one that failed")
    func order() async throws {
        let (going, go) = AsyncStream<Void>.makeStream()
        let log = Log()
        let first = Task { [changes] in
            try await changes.run { () async throws(ToolAuthError) in
                log.add("first begins")
                for await _ in going {}
                log.add("first ends")
                throw ToolAuthError(.internalError, "refused")
            }
        }
        #expect(await eventually { log.lines == ["first begins"] })
        let second = Task { [changes] in
            try await changes.run { () async throws(ToolAuthError) in
                log.add("second")
                return 2
            }
        }
        // As good a chance as any for the second to begin too early.
        for _ in 0..<100 { await Task.yield() }
        go.finish()
        let error = await #expect(throws: ToolAuthError.self) { try await first.value }
        #expect(error?.detail == "refused")
        #expect(try await second.value == 2)
        #expect(log.lines == ["first begins", "first ends", "second"])
    }
}

private final class Log: Sendable {
    private let held = Locked<[String]>([])

    var lines: [String] { held.withLock { $0 } }
    func add(_ line: String) { held.withLock { $0.append(line) } }
}
