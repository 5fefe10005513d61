package import Logging
package import ToolAuthCore

/// Keeps every grant fresh: performs what ``RefreshMachine`` decides, against the store and the providers.
///
/// There is one way a token is refreshed, ``refresh(_:_:)``; the timer's scan, readers and forced refreshes all take it,
/// and meet in one attempt per record.
package actor RefreshEngine {
    /// Attempts, and tries of a connection, end within this, whatever a provider or an authentication class does.
    package static let attemptTimeout: Duration = .seconds(60)
    /// With the policy `active`, the last use is written down at most so often.
    package static let useInterval: Duration = .seconds(3600)

    let store: any TokenStore
    let tools: any ToolDirectory
    let clock: any WallClock
    let deadlines: Deadlines
    let timer: any WakeTimer
    let events: any EventSink
    let uniform: @Sendable () -> Double
    let logger: Logger
    let onRevocationQueued: @Sendable () async -> Void

    var machine: RefreshMachine
    private var waiters = Waiters()
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []
    private var startWaiters: [CheckedContinuation<Void, Never>] = []
    private var toolWaiters: [(tool: ToolID, continuation: CheckedContinuation<Void, Never>)] = []

    /// - Parameters:
    ///   - sleeper: measures timeouts.
    ///   - uniform: draws from [0, 1), for jitter and back-off.
    ///   - onRevocationQueued: a late token was put into the store's queue of revocations.
    package init(
        store: any TokenStore, tools: any ToolDirectory, clock: any WallClock, sleeper: any Clock<Duration>,
        timer: any WakeTimer, events: any EventSink, uniform: @escaping @Sendable () -> Double, logger: Logger,
        onRevocationQueued: @escaping @Sendable () async -> Void = {}
    ) {
        self.store = store
        self.tools = tools
        self.clock = clock
        deadlines = Deadlines(Self.attemptTimeout, clock: sleeper)
        self.timer = timer
        self.events = events
        self.uniform = uniform
        self.logger = logger
        self.onRevocationQueued = onRevocationQueued
        machine = RefreshMachine(tools: tools, uniform: uniform, newAttemptID: Self.newAttemptID)
    }

    var moment: Moment { Moment(clock) }

    // MARK: The one way

    /// Refreshes a grant, or joins the attempt under way, and returns its end once that is stored.
    ///
    /// Cancelling the caller's task returns `.abandoned` at once; the attempt goes on.
    package func refresh(_ key: ToolAuthKey, _ reason: RefreshReason) async -> RefreshResult {
        let (admission, actions) = machine.request(key, reason, at: moment)
        if case .answered(let result) = admission {
            perform(actions)
            return result
        }
        let id = waiters.nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiters.add(continuation, id: id, key: key)
                // Not before: one of them may be the answer.
                perform(actions)
            }
        } onCancel: {
            Task { await self.abandon(id) }
        }
    }

    private func abandon(_ id: Waiters.ID) {
        waiters.cancel(id)
    }

    // MARK: Starting

    /// Settles what a crash left open, then scans for the first time. Where the store is held, does neither until
    /// ``resume()``.
    ///
    /// - Throws: the store's error if it cannot be read.
    package func start() async throws(StoreError) {
        try await begin(hold: store.hold)
    }

    /// The administrator says that this daemon is the one to refresh what the store holds.
    ///
    /// - Throws: the store's error if that cannot be written down; then nothing changed.
    package func resume() async throws(StoreError) {
        guard machine.storeHold != nil else { return }
        try await store.resume()
        try await begin(hold: nil)
        events.notice(.holdEnded)
    }

    private func begin(hold: StoreHold?) async throws(StoreError) {
        let openAttempts = hold == nil ? try await store.openAttempts() : []
        let states = try await store.toolStates()
        perform(
            machine.start(
                openAttempts: openAttempts, states: states, lastWriteAt: store.lastWriteAt,
                lastBoot: store.lastBoot, hold: hold, at: moment))
        guard !machine.isStarted else { return }
        await withCheckedContinuation { startWaiters.append($0) }
    }

    /// The tools as configured changed.
    ///
    /// - Parameter changed: those whose configuration is another one: a pause that a provider's refusal brought is over.
    /// - Throws: the store's error if it cannot be read; then nothing changed.
    package func reconfigure(changed: Set<ToolID> = []) async throws(StoreError) {
        perform(machine.reconfigure(try await store.toolStates(), changed: changed, at: moment))
    }

    // MARK: Changes from outside

    /// The timer rang, or the clock was set.
    package func wake() {
        perform(machine.wake(at: moment))
    }

    /// A grant of the tool is now due at `instant`; nil: at no time.
    package func note(_ toolID: ToolID, dueAt instant: Timestamp?) {
        perform(machine.note(toolID, dueAt: instant, at: moment))
    }

    /// A token was fetched. With the policy `active` that keeps it being refreshed ahead of time.
    package func used(_ record: ToolAuthRecord) async {
        guard let tool = tools.refreshable(record.toolID), tool.policy.eagerness == .active else { return }
        let now = clock.now
        let isStale = record.lastUsedAt.map { now - $0 >= Self.useInterval || $0 > now } ?? true
        guard isStale, record.status.reason == nil else { return }
        let schedule = RefreshSchedule(tool.policy)
        let draw = uniform()
        do throws(StoreError) {
            let revised = try await store.revise(record.key) { record in
                record.lastUsedAt = now
                if record.refreshAt == nil, record.nextAttemptAt == nil {
                    schedule.plan(&record, now: now, uniform: draw)
                }
                return true
            }
            if let revised { note(record.toolID, dueAt: revised.dueAt) }
        } catch {
            logger.debug("The use of a token of \(record.key) could not be written down: \(error.detail)")
        }
    }

    /// Stops the refreshes of a tool, or lets them go on (nil), durably.
    package func setPause(_ toolID: ToolID, _ pause: ToolPause?) async throws(StoreError) {
        try await store.setPause(toolID, pause)
        tools.setPause(toolID, pause)
        perform(machine.setPause(toolID, pause, at: moment))
    }

    // MARK: Performing

    private func perform(_ actions: [EngineAction]) {
        for action in actions { perform(action) }
        if machine.isStarted {
            for waiter in startWaiters { waiter.resume() }
            startWaiters = []
        }
        if machine.isIdle {
            for waiter in idleWaiters { waiter.resume() }
            idleWaiters = []
        }
        if !toolWaiters.isEmpty {
            let isOver = toolWaiters.map { !machine.hasAttempt(of: $0.tool) }
            for (waiter, isOver) in zip(toolWaiters, isOver) where isOver { waiter.continuation.resume() }
            toolWaiters = zip(toolWaiters, isOver).filter { !$1 }.map(\.0)
        }
    }

    private func perform(_ action: EngineAction) {
        switch action {
        case .arm(let instant): timer.arm(at: instant)
        case .answer(let key, let result): waiters.resume(key, with: result)
        case .report(let report): events.attemptEnded(report)
        case .emit(let event): events.emit(event)
        case .notice(let notice): events.notice(notice)
        case .scan, .claim, .load, .send, .commit, .tryStore, .connect, .revise, .setPlan, .noteBoot, .setPause,
            .revoke:
            Task { await carryOut(action) }
        }
    }

    /// Does what takes its time, and tells the machine how it ended.
    private func carryOut(_ action: EngineAction) async {
        switch action {
        case .scan(let limits):
            let now = clock.now
            let result = await attempt { () async throws(StoreError) in try await self.store.scan(limits, now: now) }
            perform(machine.scanned(result, at: moment))
        case .claim(let key, let attemptToMake):
            let result = await attempt { () async throws(StoreError) in
                try await self.store.claim(key, attemptToMake)
            }
            perform(machine.claimed(key, result, at: moment))
        case .load(let key):
            let result = await attempt { () async throws(StoreError) in try await self.store.load(key) }
            perform(machine.loaded(key, result, at: moment))
        case .send(let toolAuth):
            let started = ContinuousClock.now
            let outcome = await send(toolAuth)
            perform(machine.ended(toolAuth.key, outcome, after: ContinuousClock.now - started, at: moment))
        case .commit(let pending):
            let result = await attempt { () async throws(StoreError) in
                try await self.store.commit(
                    pending.settlement.toolAuth, ending: pending.attempt, ifGeneration: pending.generation,
                    tokensChanged: pending.settlement.tokensChanged)
            }
            perform(machine.committed(pending.key, result, at: moment))
        case .tryStore(let toolID):
            let plan = tools.refreshable(toolID).map { RefreshPlan.text($0) } ?? ""
            let result = await attempt { () async throws(StoreError) in try await self.store.setPlan(toolID, plan) }
            perform(machine.storeTried(result, at: moment))
        case .connect(let endpoint, let toolID):
            let connect = tools.refreshable(toolID)?.connect
            // The issuer may have to be asked before, and until it ends the endpoint is tried by nobody else.
            let end = await deadlines.run { await connect?() }
            perform(machine.connected(to: endpoint, succeeded: end == .some(nil), at: moment))
        case .revise(let toolID, let after, let change, let moment):
            let uniform = uniform
            let result = await attempt { () async throws(StoreError) in
                try await self.store.revise(toolID, after: after, limit: ReplanPass.pageSize) { record in
                    change.apply(to: &record, at: moment, uniform: uniform())
                }
            }
            perform(machine.revised(result, at: self.moment))
        case .setPlan(let toolID, let plan):
            await write("the plan of \(toolID)") { () async throws(StoreError) in
                try await self.store.setPlan(toolID, plan)
            }
        case .noteBoot(let boot):
            await write("the state of the clock") { () async throws(StoreError) in try await self.store.noteBoot(boot) }
        case .setPause(let toolID, let pause):
            tools.setPause(toolID, pause)
            await write("the pause of \(toolID)") { () async throws(StoreError) in
                try await self.store.setPause(toolID, pause)
            }
        case .revoke(let toolAuth):
            let now = clock.now
            await write("a late token of \(toolAuth.key), which is to be revoked") { () async throws(StoreError) in
                try await self.store.enqueueRevocation(toolAuth, deadline: now + .seconds(86_400), now: now)
            }
            await onRevocationQueued()
        case .arm, .answer, .report, .emit, .notice:
            break
        }
    }

    private func send(_ toolAuth: ToolAuth) async -> RefreshOutcome {
        guard let tool = tools.refreshable(toolAuth.key.toolID) else {
            return .requestRejected(AttemptFailure(code: "tool_gone", detail: "The tool is not configured any more."))
        }
        let authentication = tool.authentication
        return await deadlines.run { await authentication.tryRefreshToken(toolAuth) }
            ?? .ambiguous(
                AttemptFailure(
                    code: "timeout", detail: "The attempt did not end within \(Self.attemptTimeout.inSeconds) s."))
    }

    private func attempt<Value: Sendable>(
        _ operation: () async throws(StoreError) -> Value
    ) async -> Result<Value, StoreError> {
        do throws(StoreError) { return .success(try await operation()) } catch { return .failure(error) }
    }

    /// A write whose failure loses no token.
    private func write(_ what: String, _ operation: () async throws(StoreError) -> Void) async {
        do throws(StoreError) { try await operation() } catch {
            events.notice(.storeErred(what, error))
        }
    }

    private static let newAttemptID: @Sendable () -> String = {
        let high = UInt64.random(in: .min ... .max)
        let low = UInt64.random(in: .min ... .max)
        return String(high, radix: 36) + "-" + String(low, radix: 36)
    }

    /// Returns when no attempt of the tool is under way, which is within ``attemptTimeout`` where none begins. Ends that the
    /// store refuses are not waited for.
    package func attemptsEnded(of toolID: ToolID) async {
        guard machine.hasAttempt(of: toolID) else { return }
        await withCheckedContinuation { toolWaiters.append((toolID, $0)) }
    }

    // MARK: Stopping

    /// Begins nothing more; attempts under way go on.
    package func stop() {
        perform(machine.stop(at: moment))
    }

    /// Begins nothing more, and returns when every attempt under way has ended and is stored.
    package func drain() async {
        stop()
        guard !machine.isIdle else { return }
        await withCheckedContinuation { idleWaiters.append($0) }
    }
}
