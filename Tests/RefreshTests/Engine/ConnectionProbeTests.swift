import Logging
import Refresh
import RefreshTestSupport
import TestSupport
import Testing
import ToolAuthCore

@Suite("The engine: trying whether an endpoint can be reached", .timeLimit(.minutes(5)))
struct ConnectionProbeTests {
    /// Connections as a provider takes them: the first never ends, the next stands.
    private final class Connections: Sendable {
        private let tries = Locked(0)

        var count: Int { tries.withLock { $0 } }

        func connect() async -> AttemptFailure? {
            let isFirst = tries.withLock { tries in
                tries += 1
                return tries == 1
            }
            if isFirst { for await _ in AsyncStream<Never>.makeStream().stream {} }
            return nil
        }
    }

    @Test("one that does not end is given up, and the endpoint is tried again")
    func late() async throws {
        let store = InMemoryTokenStore()
        let (clock, sleeper) = (ManualWallClock(start + .seconds(3000)), TurnedClock())
        let (timer, events) = (ManualTimer(), RecordedEvents())
        let connections = Connections()
        let provider = ScriptedAuthentication(toolID: key().toolID, clock: clock) { reply(at: clock.now) }
        let tool = RefreshableTool(
            authentication: provider, policy: policy(), endpoint: endpoint, clientID: "client",
            tokenOrigin: "https://provider.test:443", revokesSingleTokens: true,
            connect: { await connections.connect() })
        let engine = RefreshEngine(
            store: store, tools: SomeTools([tool]), clock: clock, sleeper: sleeper, timer: timer, events: events,
            uniform: { 0.5 }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await engine.start()
        let unreachable = AttemptFailure(code: "connect", detail: "Nobody is there.")
        provider.answer(.transient(unreachable, retryAfter: nil, atEndpoint: true))
        for user in ["alice", "bob"] { await store.seed(grant(user)) }
        for user in ["alice", "bob"] {
            let generation = try #require(try await store.record(key(user))).generation
            _ = await engine.refresh(key(user), .forced(generation: generation))
        }
        clock.advance(by: .seconds(2))
        await engine.wake()
        #expect(await eventually { connections.count == 1 })
        clock.advance(by: .seconds(600))
        await engine.wake()
        #expect(connections.count == 1)
        sleeper.turn(by: RefreshEngine.attemptTimeout)
        #expect(
            await eventually {
                clock.advance(by: .seconds(2))
                await engine.wake()
                return connections.count == 2
            })
        #expect(await eventually { events.notices.contains(.endpointRecovered(endpoint, [key().toolID])) })
        // Who still sleeps would hold on to all of this.
        sleeper.end()
    }
}
