package import Logging
package import ToolAuthCore

/// Keeps every grant fresh: performs what ``RefreshCoordinator`` decides, against the store and the providers.
///
/// There is one way a token is refreshed, ``refresh(_:_:)``; the timer's scan, readers and forced refreshes all take it,
/// and meet in one attempt per record. An attempt is durable before its request leaves (claim) and its end is durable
/// before anybody learns of it (commit).
package actor RefreshEngine {
    /// Attempts end within this, whatever a provider or an authentication class does.
    package static let attemptTimeout: Duration = .seconds(60)
    /// When to look again after the store could not be read.
    package static let storeRetryInterval: Duration = .seconds(5)

    /// For a grant whose tool is not there to say how its provider treats refresh tokens.
    private static let mostCautiousPolicy: RefreshPolicy = {
        var policy = RefreshPolicy()
        policy.rotation = .singleUse
        return policy
    }()

    let store: any TokenStore
    let tools: any ToolDirectory
    let clock: any WallClock
    let sleeper: any Clock<Duration>
    let timer: any WakeTimer
    let events: any EventSink
    let uniform: @Sendable () -> Double
    let logger: Logger
    let onRevocationQueued: @Sendable () async -> Void

    /// The store refused a claim; the scan lets it be until then.
    private var storePausedUntil: Timestamp?
    private var coordinator = RefreshCoordinator()
    private var waiters = Waiters()
    private var armedAt: Timestamp?
    private var isScanning = false
    private var scanAgain = false
    private var idleWaiters: [CheckedContinuation<Void, Never>] = []

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
        self.sleeper = sleeper
        self.timer = timer
        self.events = events
        self.uniform = uniform
        self.logger = logger
        self.onRevocationQueued = onRevocationQueued
    }

    // MARK: The one way

    /// Refreshes a grant, or joins the attempt under way, and returns its end once that is stored.
    ///
    /// Cancelling the caller's task returns `.abandoned` at once; the attempt goes on.
    package func refresh(_ key: ToolAuthKey, _ reason: RefreshReason) async -> RefreshResult {
        guard let tool = tools.refreshable(key.toolID) else {
            return .toolUnavailable("The tool \(key.toolID) cannot refresh now.")
        }
        let now = clock.now
        switch coordinator.request(key, at: tool.endpoint, limit: tool.policy.concurrency, reason, now: now) {
        case .held(let until): return .held(until: until)
        case .stopping: return .stopping
        case .joined, .admitted: break
        }
        startAttempts()
        let id = waiters.nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiters.add($0, id: id, key: key) }
        } onCancel: {
            Task { await self.abandon(id) }
        }
    }

    private func abandon(_ id: Waiters.ID) {
        waiters.cancel(id)
    }

    // MARK: The scan

    /// Settles what a crash left open, then scans for the first time.
    ///
    /// - Throws: the store's error if it cannot be read or written.
    package func start() async throws(StoreError) {
        for key in try await store.openAttempts() {
            guard let toolAuth = try await store.load(key) else { continue }
            let policy = tools.refreshable(key.toolID)?.policy ?? Self.mostCautiousPolicy
            let failure = AttemptFailure(
                code: "interrupted", detail: "The daemon ended while the provider had not answered yet.")
            let settlement = settling(policy).settle(toolAuth, .ambiguous(failure))
            _ = try await store.commit(
                settlement.toolAuth, ending: toolAuth.record.attempt?.id, ifGeneration: toolAuth.record.generation,
                tokensChanged: false)
        }
        await scan()
    }

    /// The timer rang, or something changed that may be due sooner than it rings.
    package func wake() async {
        armedAt = nil
        await scan()
    }

    /// A grant is now due at `instant`; nil: at no time.
    package func note(dueAt instant: Timestamp?) {
        guard let instant, !coordinator.isStopping else { return }
        if isScanning {
            // The scan may have read the store before this was stored, and arms the timer at its end.
            scanAgain = true
            return
        }
        if let armedAt, armedAt <= instant { return }
        arm(at: instant)
    }

    /// Queues what is due, as far as there is room, and arms the timer for what is due next.
    private func scan() async {
        if isScanning {
            scanAgain = true
            return
        }
        isScanning = true
        defer { isScanning = false }
        repeat {
            scanAgain = false
            do throws(StoreError) {
                try await scanOnce()
            } catch {
                logger.error("The store cannot be scanned for due tokens: \(error.detail)")
                arm(at: clock.now + Self.storeRetryInterval)
            }
        } while scanAgain && !coordinator.isStopping
    }

    private func scanOnce() async throws(StoreError) {
        guard !coordinator.isStopping else { return }
        let now = clock.now
        if let storePausedUntil, storePausedUntil > now {
            arm(at: storePausedUntil)
            return
        }
        storePausedUntil = nil
        var next: Timestamp?
        var open: [EndpointID] = []
        for endpoint in tools.endpoints {
            if let until = coordinator.governor.heldUntil(at: endpoint, now: now) {
                next = earlier(next, until)
                continue
            }
            let room = coordinator.governor.room(at: endpoint)
            // Without room, the end of an attempt there scans again.
            guard room > 0 else { continue }
            open.append(endpoint)
            let limit = coordinator.governor.queued(at: endpoint) + room
            for due in try await store.due(at: endpoint, now: now, limit: limit) {
                guard coordinator.governor.room(at: endpoint) > 0 else { break }
                guard let tool = tools.refreshable(due.key.toolID), tool.endpoint == endpoint else { continue }
                _ = coordinator.request(due.key, at: endpoint, limit: tool.policy.concurrency, .scheduled, now: now)
            }
        }
        startAttempts()
        for (_, instant) in try await store.nextDue(at: open) where instant > now { next = earlier(next, instant) }
        arm(at: next)
    }

    private func arm(at instant: Timestamp?) {
        armedAt = instant
        timer.arm(at: coordinator.isStopping ? nil : instant)
    }

    private func earlier(_ lhs: Timestamp?, _ rhs: Timestamp) -> Timestamp {
        lhs.map { min($0, rhs) } ?? rhs
    }

    // MARK: Attempts

    private func startAttempts() {
        for key in coordinator.start(now: clock.now) {
            let reason = coordinator.reason(for: key) ?? .scheduled
            Task {
                let end = await attempt(key, reason)
                await finish(key, end)
            }
        }
    }

    private func finish(_ key: ToolAuthKey, _ end: AttemptEnd) async {
        let now = clock.now
        let endpoint = coordinator.end(key, holdUntil: end.holdUntil, now: now)
        if case .storeUnavailable = end.result { storePausedUntil = now + Self.storeRetryInterval }
        waiters.resume(key, with: end.result)
        startAttempts()
        note(dueAt: end.dueAt)
        note(dueAt: end.holdUntil)
        if let endpoint, coordinator.governor.queued(at: endpoint) == 0 { await scan() }
        if coordinator.isIdle {
            for waiter in idleWaiters { waiter.resume() }
            idleWaiters = []
        }
    }

    func settling(_ policy: RefreshPolicy) -> Settling {
        Settling(policy: policy, now: clock.now, uniform: uniform())
    }

    // MARK: Standing

    /// Answers once the engine gets to it: for the watchdog.
    package func probe() {}

    /// Until when an endpoint is held, and how much is under way there.
    package func standing(of endpoint: EndpointID) -> (heldUntil: Timestamp?, inFlight: Int) {
        let governor = coordinator.governor
        return (governor.heldUntil(at: endpoint, now: clock.now), governor.inFlight(at: endpoint))
    }

    // MARK: Stopping

    /// Begins nothing more; attempts under way go on.
    package func stop() {
        timer.arm(at: nil)
        for key in coordinator.stop() { waiters.resume(key, with: .stopping) }
    }

    /// The grants with an attempt under way, or with tokens that are not stored yet.
    package var unfinished: [ToolAuthKey] { coordinator.keys }

    /// Begins nothing more, and returns when every attempt under way has ended and is stored.
    package func drain() async {
        stop()
        guard !coordinator.isIdle else { return }
        await withCheckedContinuation { idleWaiters.append($0) }
    }
}
