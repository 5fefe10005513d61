import Logging
import Refresh
import RefreshTestSupport
import TestSupport
import Testing
import ToolAuthCore

@Suite("The engine")
struct RefreshEngineTests {
    let store = InMemoryTokenStore()
    let provider: ScriptedAuthentication
    let timer = ManualTimer()
    let events = RecordedEvents()
    let clock = ManualWallClock(start + .seconds(3000))

    init() {
        provider = ScriptedAuthentication(toolID: key().toolID, clock: clock) { reply(at: start + .seconds(3000)) }
    }

    func engine(_ change: (inout RefreshPolicy) -> Void = { _ in }) -> RefreshEngine {
        RefreshEngine(
            store: store, tools: SomeTools([tool(change)]), clock: clock, sleeper: ContinuousClock(), timer: timer,
            events: events,
            uniform: { 0.5 }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func running(_ change: (inout RefreshPolicy) -> Void = { _ in }) async throws -> RefreshEngine {
        let engine = engine(change)
        try await engine.start()
        return engine
    }

    func tool(_ change: (inout RefreshPolicy) -> Void = { _ in }) -> RefreshableTool {
        RefreshableTool(
            authentication: provider, policy: policy(change), endpoint: endpoint, clientID: "client",
            tokenOrigin: "https://provider.test:443", revokesSingleTokens: true)
    }

    func due(_ user: String = "alice", at instant: Timestamp = start + .seconds(2900)) -> ToolAuth {
        var toolAuth = grant(user)
        toolAuth.record.refreshAt = instant
        return toolAuth
    }

    // MARK: The scan

    @Test("what is due is refreshed, and the timer armed for what is due next")
    func scan() async throws {
        await store.seed(due())
        let engine = engine()
        try await engine.start()
        #expect(await eventually { timer.instant == clock.now + .seconds(2520) })
        let stored = try await store.load(key())
        #expect(stored?.accessToken == Secret("access-2"))
        #expect(stored?.record.attempt == nil)
        #expect(events.kinds == [.refreshed])
    }

    @Test("the timer is armed for the earliest due time when nothing is due")
    func armed() async throws {
        await store.seed(due("alice", at: clock.now + .seconds(20)))
        await store.seed(due("bob", at: clock.now + .seconds(10)))
        let engine = engine()
        try await engine.start()
        #expect(timer.instant == clock.now + .seconds(10))
        #expect(provider.attempts == 0)
    }

    @Test("with nothing stored the timer is not armed")
    func idle() async throws {
        let engine = engine()
        try await engine.start()
        #expect(timer.instant == nil)
    }

    @Test("more is due than the queue holds, and all of it is refreshed")
    func many() async throws {
        for index in 0..<300 { await store.seed(due("user-\(index)")) }
        let engine = engine()
        try await engine.start()
        #expect(await eventually { provider.attempts == 300 })
        await engine.drain()
        let counts = try await store.counts()
        #expect(counts[key().toolID]?.healthy == 300)
        #expect(provider.mostAtOnce <= 16)
    }

    // MARK: Single flight

    @Test("all who ask meet in one attempt")
    func joined() async throws {
        await store.seed(due(at: clock.now + .seconds(100)))
        let generation = try #require(try await store.record(key())).generation
        let engine = try await running()
        provider.hold()
        async let first = engine.refresh(key(), .read(generation: generation))
        async let second = engine.refresh(key(), .forced(generation: generation))
        #expect(await eventually { provider.attempts == 1 })
        provider.release()
        for result in await [first, second] {
            guard case .refreshed(let toolAuth) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(toolAuth.accessToken == Secret("access-2"))
        }
        #expect(provider.attempts == 1)
    }

    @Test("who asks about a token that was already replaced gets the newer one, and nothing is sent")
    func alreadyDone() async throws {
        await store.seed(grant())
        let engine = try await running()
        let result = await engine.refresh(key(), .read(generation: 0))
        guard case .refreshed(let toolAuth) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(toolAuth.accessToken == Secret("access-1"))
        #expect(provider.attempts == 0)
        #expect(try await store.record(key())?.attempt == nil)
    }

    @Test("a waiter who gives up leaves the attempt going on")
    func abandoned() async throws {
        await store.seed(grant())
        let engine = try await running()
        provider.hold()
        let waiter = Task { await engine.refresh(key(), .forced(generation: 1)) }
        #expect(await eventually { provider.attempts == 1 })
        waiter.cancel()
        guard case .abandoned = await waiter.value else {
            Issue.record("the waiter should have been let go")
            return
        }
        provider.release()
        await engine.drain()
        #expect(try await store.load(key())?.accessToken == Secret("access-2"))
    }

    // MARK: Durability

    @Test("the claim is durable before the provider is asked")
    func claimed() async throws {
        await store.seed(grant())
        let engine = try await running()
        provider.hold()
        async let result = engine.refresh(key(), .forced(generation: 1))
        #expect(await eventually { provider.attempts == 1 })
        #expect(try await store.record(key())?.attempt != nil)
        provider.release()
        _ = await result
    }

    @Test("an attempt that cannot be claimed is not made")
    func unclaimable() async throws {
        await store.seed(grant())
        let engine = engine { $0.rotation = .singleUse }
        try await engine.start()
        await store.failWrites(StoreError(.io, "disk full"))
        guard case .storeUnavailable = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("nothing may be sent without a claim")
            return
        }
        #expect(provider.attempts == 0)
    }

    @Test("tokens that cannot be stored are held until they can")
    func heldUntilStored() async throws {
        await store.seed(grant())
        let engine = engine { $0.rotation = .singleUse }
        try await engine.start()
        provider.hold()
        async let result = engine.refresh(key(), .forced(generation: 1))
        #expect(await eventually { provider.attempts == 1 })
        await store.failWrites(StoreError(.io, "disk full"))
        provider.release()
        #expect(await eventually { await engine.standing(of: []).heldResults == 1 })
        #expect(events.notices == [.storeFailing(StoreError(.io, "disk full"))])
        #expect(try await store.load(key())?.accessToken == Secret("access-1"))
        await store.failWrites(nil)
        clock.advance(by: .seconds(5))
        await engine.wake()
        guard case .refreshed = await result else {
            Issue.record("the tokens should have been stored in the end")
            return
        }
        #expect(try await store.load(key())?.refreshToken == Secret("refresh-2"))
    }

    @Test("a newer grant wins over a late result, whose tokens are revoked")
    func superseded() async throws {
        await store.seed(grant())
        let engine = try await running()
        var newer = grant()
        newer.accessToken = Secret("newer")
        let replacement = newer
        await store.beforeCommit { [store] in
            _ = try? await store.put(replacement, .none)
            await store.beforeCommit(nil)
        }
        guard case .refreshed(let toolAuth) = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("the newer grant is the answer")
            return
        }
        #expect(toolAuth.accessToken == Secret("newer"))
        #expect(try await store.load(key())?.accessToken == Secret("newer"))
        #expect(await store.revocations.values.map { $0.toolAuth.refreshToken } == [Secret("refresh-2")])
    }

    @Test("a grant deleted during its refresh stays deleted, and the late tokens are revoked")
    func deleted() async throws {
        await store.seed(grant())
        let engine = try await running()
        await store.beforeCommit { [store] in
            _ = try? await store.delete(key(), .none, revocationDeadline: nil, now: start)
            await store.beforeCommit(nil)
        }
        guard case .gone = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("a deleted grant must not come back")
            return
        }
        #expect(try await store.load(key()) == nil)
        #expect(await store.revocations.count == 1)
    }

    @Test("a refused grant is given up only if it is still the stored one")
    func rereadBeforeGivingUp() async throws {
        await store.seed(grant())
        let engine = try await running { $0.rotation = .singleUse }
        provider.answer(.grantRejected(failure))
        let replacement = grant()
        await store.beforeCommit { [store] in
            _ = try? await store.put(replacement, .none)
            await store.beforeCommit(nil)
        }
        guard case .refreshed = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("the newer grant is the answer")
            return
        }
        #expect(try await store.record(key())?.status == .healthy)
        #expect(events.kinds.isEmpty)
    }

    @Test("an attempt left open by a crash is unsettled at the next start")
    func recovered() async throws {
        await store.seed(grant())
        await store.change(key()) { $0.attempt = Attempt(id: "old", startedAt: start + .seconds(2999)) }
        let engine = engine {
            $0.rotation = .singleUse
            $0.replayWindow = .seconds(30)
        }
        provider.hold()
        try await engine.start()
        #expect(await eventually { provider.attempts == 1 })
        #expect(try await store.record(key())?.unsettledSince == start + .seconds(2999))
        provider.release()
        await engine.drain()
        #expect(try await store.record(key())?.unsettledSince == nil)
    }

    @Test("a late result does not take the newer grant's own refresh token away")
    func supersededBySameToken() async throws {
        await store.seed(grant())
        let engine = try await running()
        provider.answer(.refreshed(reply(at: clock.now, refreshToken: nil)))
        let replacement = grant()
        await store.beforeCommit { [store] in
            _ = try? await store.put(replacement, .none)
            await store.beforeCommit(nil)
        }
        _ = await engine.refresh(key(), .forced(generation: 1))
        let queued = await store.revocations.values.map(\.toolAuth)
        #expect(queued.map(\.refreshToken) == [nil])
        #expect(queued.map(\.accessToken) == [Secret("access-2")])
    }

    @Test("an unsettled token is not sent again for whoever asks, before the request must have ended")
    func unsettledForced() async throws {
        await store.seed(grant())
        await store.change(key()) { record in
            record.unsettledSince = start + .seconds(2980)
            record.lastAttemptAt = start + .seconds(2980)
            record.nextAttemptAt = start + .seconds(3480)
        }
        let engine = try await running { $0.rotation = .singleUse }
        guard case .failed = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("an unsettled token was sent")
            return
        }
        #expect(provider.attempts == 0)
        clock.advance(by: .seconds(10))
        _ = await engine.refresh(key(), .forced(generation: 1))
        #expect(provider.attempts == 1)
    }

    @Test("a dead grant's token is not sent for a caller who looked before it died")
    func deadMeanwhile() async throws {
        await store.seed(grant(status: .needsReauthorization(.grantRejected)))
        let engine = try await running()
        guard case .failed(let toolAuth, _) = await engine.refresh(key(), .read(generation: 1)) else {
            Issue.record("a dead token was sent")
            return
        }
        #expect(toolAuth.record.status == .needsReauthorization(.grantRejected))
        #expect(provider.attempts == 0)
    }

    @Test("a record that came due while the store was scanned is not forgotten")
    func dueDuringScan() async throws {
        let engine = engine()
        try await engine.start()
        #expect(timer.instant == nil)
        let soon = clock.now + .seconds(5)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask { await engine.wake() }
                group.addTask {
                    await store.seed(due("user-\(index)", at: soon))
                    await engine.note(key().toolID, dueAt: soon)
                }
            }
        }
        #expect(await eventually { timer.instant == soon })
    }

    @Test("a store that refuses a claim is tried again, and says so to those who ask")
    func storeRefuses() async throws {
        await store.seed(due())
        let engine = engine { $0.rotation = .singleUse }
        await store.failWrites(StoreError(.io, "disk full"))
        try await engine.start()
        #expect(await eventually { await engine.standing(of: []).storeProblem?.detail == "disk full" })
        guard case .storeUnavailable = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("the store is the reason, not the provider")
            return
        }
        await store.failWrites(nil)
        clock.advance(by: .seconds(5))
        await engine.wake()
        #expect(await eventually { provider.attempts == 1 })
    }

    // MARK: Holds, pauses, uses

    @Test("a held store is served from and not refreshed, until an administrator says so, durably")
    func held() async throws {
        let store = InMemoryTokenStore(hold: .foreignMachine)
        await store.seed(due())
        let engine = RefreshEngine(
            store: store, tools: SomeTools([tool()]), clock: clock, sleeper: ContinuousClock(), timer: timer,
            events: events, uniform: { 0.5 }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await engine.start()
        guard case .onHold(.foreignMachine) = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("a held store's tokens were sent")
            return
        }
        #expect(await engine.standing(of: []).hold == .foreignMachine)
        await store.failWrites(StoreError(.io, "disk full"))
        await #expect(throws: StoreError.self) { try await engine.resume() }
        #expect(await engine.standing(of: []).hold == .foreignMachine)
        #expect(provider.attempts == 0)
        await store.failWrites(nil)
        try await engine.resume()
        #expect(store.hold == nil)
        #expect(await eventually { provider.attempts == 1 })
        #expect(events.notices == [.holdEnded])
    }

    @Test("an administrator's pause is stored before it counts, and ends when he says so")
    func paused() async throws {
        await store.seed(due())
        let engine = engine()
        let pause = ToolPause(.administrator, detail: "Wanted.", since: clock.now)
        try await engine.setPause(key().toolID, pause)
        try await engine.start()
        #expect(try await store.toolStates()[key().toolID]?.pause == pause)
        guard case .toolPaused(pause) = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("a paused tool's token was sent")
            return
        }
        try await engine.setPause(key().toolID, nil)
        #expect(await eventually { provider.attempts == 1 })
    }

    @Test("with the policy active a token is refreshed ahead while somebody fetches it")
    func active() async throws {
        var dormant = due(at: clock.now)
        dormant.record.grantedAt = clock.now - .seconds(8 * 86_400)
        await store.seed(dormant)
        let engine = engine { $0.eagerness = .active }
        try await engine.start()
        // Under a claim it is not due either, and what happens to it then is not written down.
        #expect(
            await eventually {
                guard let record = await store.grants[key()]?.record, await engine.unfinished.isEmpty else {
                    return false
                }
                return record.dueAt == nil && record.attempt == nil
            })
        #expect(provider.attempts == 0)
        let record = try #require(try await store.record(key()))
        await engine.used(record)
        #expect(try await store.record(key())?.lastUsedAt == clock.now)
        // So near to its end it is due at once.
        #expect(await eventually { provider.attempts == 1 })
    }

    // MARK: Never sent elsewhere

    @Test(
        "tokens of another client or another origin are not sent",
        arguments: [
            ("another", "https://provider.test:443", "configuration_changed"),
            ("client", "https://elsewhere.test:443", "endpoint_changed"),
        ])
    func foreign(clientID: String, tokenOrigin: String, code: String) async throws {
        var foreign = ToolAuthRecord(
            key: key(), tokenType: "Bearer", scope: "", obtainedAt: start, expiresAt: start, hasAccessToken: true,
            hasRefreshToken: true, clientID: clientID, tokenOrigin: tokenOrigin, createdAt: start)
        foreign.refreshAt = start
        await store.seed(ToolAuth(record: foreign, accessToken: Secret("a"), refreshToken: Secret("r")))
        let engine = try await running()
        guard case .failed(_, let outcome) = await engine.refresh(key(), .forced(generation: 1)) else {
            Issue.record("a foreign token was sent")
            return
        }
        #expect(outcome.failure?.code == code)
        #expect(provider.attempts == 0)
        // Why is not stored, so that it heals when the configuration returns.
        #expect(try await store.record(key())?.status == .healthy)
        #expect(try await store.record(key())?.dueAt == clock.now + RefreshMachine.bindingRetryInterval)
        #expect(try await store.load(key())?.refreshToken == Secret("r"))
    }

    // MARK: Pace and stop

    @Test("a Retry-After holds the whole endpoint, and the timer rings when it ends")
    func retryAfter() async throws {
        await store.seed(due("alice"))
        let engine = engine()
        provider.answer(.transient(failure, retryAfter: .seconds(90), atEndpoint: false))
        try await engine.start()
        #expect(await eventually { await store.commits == 1 })
        await store.seed(due("bob"))
        #expect(await eventually { timer.instant == clock.now + .seconds(90) })
        guard case .held(let until) = await engine.refresh(key("bob"), .forced(generation: 2)) else {
            Issue.record("a held endpoint gets nothing")
            return
        }
        #expect(until == clock.now + .seconds(90))
        #expect(provider.attempts == 1)
        provider.answer(nil)
        clock.advance(by: .seconds(90))
        await engine.wake()
        #expect(await eventually { provider.attempts == 3 })
    }

    @Test("a stop waits for the attempt under way and stores its end")
    func drained() async throws {
        await store.seed(grant())
        let engine = try await running()
        provider.hold()
        let waiter = Task { await engine.refresh(key(), .forced(generation: 1)) }
        #expect(await eventually { provider.attempts == 1 })
        let stop = Task { await engine.drain() }
        #expect(
            await eventually {
                if case .stopping = await engine.refresh(key("bob"), .forced(generation: 1)) { true } else { false }
            })
        provider.release()
        await stop.value
        guard case .refreshed = await waiter.value else {
            Issue.record("the waiter should have had his token")
            return
        }
        #expect(try await store.load(key())?.accessToken == Secret("access-2"))
    }
}
