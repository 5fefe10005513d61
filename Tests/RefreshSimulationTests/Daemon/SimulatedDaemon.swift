import ToolAuthCore

@testable import Refresh

/// The daemon of a run: a machine, and what performs its actions with delays, losses and deaths.
final class SimulatedDaemon {
    let world: World
    let store: SimulatedStore
    let tools: SimulatedTools
    let oracle: Oracle
    let providers: [ToolID: SimulatedProvider]
    private(set) var machine: RefreshMachine?
    /// Goes up with every start, so that what an earlier life began finds nobody.
    private(set) var incarnation = 0
    private var suspendedUntil: Int64 = 0
    private var armed: Timestamp?
    private var armSerial = 0
    private var claimedAt: [ToolAuthKey: Int64] = [:]
    private var sentAt: [ToolAuthKey: Int64] = [:]
    private var waiting: [ToolAuthKey: Int] = [:]
    /// How often a reply is lost though nothing is wrong.
    var lossRate = 0.0

    init(
        _ world: World, _ store: SimulatedStore, _ tools: SimulatedTools, _ oracle: Oracle,
        _ providers: [ToolID: SimulatedProvider]
    ) {
        self.world = world
        self.store = store
        self.tools = tools
        self.oracle = oracle
        self.providers = providers
    }

    var moment: Moment { Moment(world.now, boot: world.boot) }

    // MARK: Life and death

    func start() {
        Trace.say(world.elapsed) { "starts, the clock shows \(world.now)" }
        incarnation += 1
        let (random, serial) = (world.random, incarnation)
        var machine = RefreshMachine(
            tools: tools, uniform: { random.uniform() }, newAttemptID: { "\(serial)-\(random.next())" })
        let actions = machine.start(
            openAttempts: store.openAttempts, states: store.states, lastWriteAt: store.lastWriteAt,
            lastBoot: store.boot, hold: nil, at: moment)
        self.machine = machine
        perform(actions)
    }

    func crash() {
        guard machine != nil else { return }
        machine = nil
        armed = nil
        waiting = [:]
        oracle.crashes(incarnation)
        oracle.count("crash")
    }

    /// Stops as one does who is asked to: begins nothing more, and ends when all is stored.
    func stop(then: @escaping () -> Void) {
        guard machine != nil, machine?.isStopping == false else { return }
        oracle.count("stop")
        tell { $0.stop(at: moment) }
        endWhenIdle(then)
    }

    private func endWhenIdle(_ then: @escaping () -> Void) {
        later(.milliseconds(500)) { [self] in
            guard machine?.isIdle == true else {
                endWhenIdle(then)
                return
            }
            checkNobodyIsForgotten()
            oracle.checkNothingIsLost(besides: [], at: world.elapsed)
            machine = nil
            armed = nil
            waiting = [:]
            oracle.crashes(incarnation)
            then()
        }
    }

    func suspend(for duration: Duration) {
        suspendedUntil = max(suspendedUntil, world.elapsed + duration.wholeMilliseconds)
    }

    /// The kernel tells timers on the wall clock when it was set.
    func clockWasSet() {
        later(.milliseconds(1)) { [self] in
            tell { $0.wake(at: moment) }
            setTimer()
        }
    }

    /// Runs `body` in this life of the daemon, once it is awake.
    private func later(_ delay: Duration, _ body: @escaping () -> Void) {
        let life = incarnation
        world.after(delay) { [self] in deliver(to: life, body) }
    }

    private func deliver(to life: Int, _ body: @escaping () -> Void) {
        guard life == incarnation, machine != nil else { return }
        if world.elapsed < suspendedUntil {
            let rest = suspendedUntil - world.elapsed
            world.after(.milliseconds(rest) + world.random.duration(0...0.2)) { [self] in deliver(to: life, body) }
            return
        }
        body()
    }

    private func tell(_ event: (inout RefreshMachine) -> [EngineAction]) {
        // Taken out, so that it is changed in place: a copy would copy all it knows.
        guard var taken = machine.take() else { return }
        let actions = event(&taken)
        machine = taken
        perform(actions)
    }

    // MARK: What others want

    func ask(_ key: ToolAuthKey, _ reason: RefreshReason) {
        guard world.elapsed >= suspendedUntil else { return }
        guard machine != nil else { return }
        if store.sabotage == .join { forget(key) }
        guard let (admission, actions) = machine?.request(key, reason, at: moment) else { return }
        if case .joined = admission { waiting[key, default: 0] += 1 }
        perform(actions)
    }

    func note(_ toolID: ToolID, dueAt: Timestamp?) { tell { $0.note(toolID, dueAt: dueAt, at: moment) } }

    func setPause(_ toolID: ToolID, _ pause: ToolPause?) {
        guard (try? store.setPause(toolID, pause)) != nil else { return }
        tell { $0.setPause(toolID, pause, at: moment) }
    }

    func reconfigure() { tell { $0.reconfigure(store.states, at: moment) } }

    /// Sabotage: whoever asks finds nothing to join.
    private func forget(_ key: ToolAuthKey) {
        guard case .sending? = machine?.work[key]?.phase else { return }
        machine?.work[key] = nil
    }

    // MARK: Performing

    private func perform(_ actions: [EngineAction]) {
        for action in actions {
            Trace.say(world.elapsed) { "machine wants \(action)" }
            perform(action)
        }
    }

    private func perform(_ action: EngineAction) {
        switch action {
        case .arm(let instant):
            armed = instant
            setTimer()
        case .scan(let limits):
            store { [self] in
                let scans = store.scan(limits, now: world.now)
                return { [self] in tell { $0.scanned(.success(scans), at: moment) } }
            }
        case .claim(let key, let attempt):
            claimedAt[key] = world.elapsed
            store { [self] in
                let result = attemptTo { () throws(StoreError) in try store.claim(key, attempt) }
                return { [self] in tell { $0.claimed(key, result, at: moment) } }
            }
        case .load(let key):
            store { [self] in
                let found = store.grants[key]
                return { [self] in tell { $0.loaded(key, .success(found), at: moment) } }
            }
        case .send(let toolAuth): send(toolAuth)
        case .commit(let pending): commit(pending)
        case .tryStore(let tool):
            store { [self] in
                let plan = tools.refreshable(tool).map { RefreshPlan.text($0) } ?? ""
                let result = attemptTo { () throws(StoreError) in try store.setPlan(tool, plan) }
                return { [self] in tell { $0.storeTried(result, at: moment) } }
            }
        case .connect(let endpoint, let tool):
            oracle.count("connect")
            let succeeds = providers[tool]?.mood != .unreachable
            later(world.random.duration(0.01...1)) { [self] in
                tell { $0.connected(to: endpoint, succeeded: succeeds, at: moment) }
            }
        case .revise(let tool, let after, let change, let moment):
            store { [self] in
                let random = world.random
                let result = attemptTo { () throws(StoreError) in
                    try store.revise(tool, after: after, limit: 16) {
                        change.apply(to: &$0, at: moment, uniform: random.uniform())
                    }
                }
                return { [self] in tell { $0.revised(result, at: self.moment) } }
            }
        case .setPlan(let tool, let plan):
            store { [self] in
                try? store.setPlan(tool, plan); return {}
            }
        case .noteBoot(let boot):
            store { [self] in
                try? store.noteBoot(boot); return {}
            }
        case .setPause(let tool, let pause):
            oracle.count(pause == nil ? "tool resumed" : "tool paused")
            store { [self] in
                try? store.setPause(tool, pause); return {}
            }
        case .revoke(let toolAuth):
            oracle.count("late tokens revoked")
            store { [self] in
                try? store.revoke(toolAuth); return {}
            }
        case .answer(let key, let result): answered(key, result)
        case .report: break
        case .emit(let event): oracle.count(event.kind.rawValue)
        case .notice(let notice): oracle.count("notice \(notice)".prefix { $0 != "(" }.description)
        }
    }

    /// A visit to the store: `operation` has its effect after a while, and its answer comes a while later.
    private func store(_ operation: @escaping () -> () -> Void) {
        later(world.random.duration(0.001...0.02)) { [self] in
            let answer = operation()
            later(world.random.duration(0.001...0.02), answer)
        }
    }

    private func attemptTo<Value>(_ operation: () throws(StoreError) -> Value) -> Result<Value, StoreError> {
        do throws(StoreError) { return .success(try operation()) } catch { return .failure(error) }
    }

    private func setTimer() {
        armSerial += 1
        guard let armed else { return }
        let serial = armSerial
        later(max(.zero, armed - world.now)) { [self] in
            guard serial == armSerial, let instant = self.armed else { return }
            guard world.now >= instant else {
                setTimer()
                return
            }
            self.armed = nil
            tell { $0.wake(at: moment) }
        }
    }

    // MARK: Storing

    private func commit(_ pending: PendingCommit) {
        let life = incarnation
        store { [self] in
            let now = world.now
            let former = store.grants[pending.key]
            let result = attemptTo { () throws(StoreError) in try store.commit(pending, now: now) }
            switch result {
            case .success(.stored(let stored)):
                oracle.stores(stored, after: former, at: world.elapsed)
                checkLateness(of: stored.record)
            case .success(.superseded): oracle.discards(pending.key)
            case .failure: oracle.count("commit refused")
            }
            return { [self] in
                guard life == incarnation else { return }
                tell { $0.committed(pending.key, result, at: moment) }
            }
        }
    }

    /// When the token ends, a newer one must be there, unless something was wrong.
    func checkLateness(of record: ToolAuthRecord) {
        guard let expiresAt = record.expiresAt, let refreshAt = record.refreshAt, record.hasRefreshToken,
            record.status == .healthy, let provider = providers[record.toolID], provider.policy.rate == nil,
            tools.refreshable(record.toolID)?.policy.eagerness == .eager
        else { return }
        let offset = world.offset
        world.after(expiresAt - world.now) { [self] in
            guard world.offset == offset, let stored = store.grants[record.key],
                stored.record.generation == record.generation
            else { return }
            // A grant that its user ended at the provider cannot be late.
            guard let token = stored.refreshToken?.reveal(), provider.grant(of: token)?.grant.isAlive == true else {
                return
            }
            let from = refreshAt.millisecondsSinceEpoch - offset
            let aftermath: Int64 = 25 * 60_000
            if provider.disturbances.overlap(from: from, to: world.elapsed, aftermath: aftermath) { return }
            if troubles.overlap(from: from, to: world.elapsed, aftermath: aftermath) { return }
            oracle.violate(
                "the token of \(record.key) ended without a new one; \(stored.record.status), attempt \(stored.record.attempt?.id ?? "none")",
                at: world.elapsed)
        }
    }

    /// What was wrong with the machine, its clock or its disk.
    var troubles = Disturbances()

    // MARK: Sending

    private func send(_ toolAuth: ToolAuth) {
        let key = toolAuth.key
        guard let provider = providers[key.toolID], let token = toolAuth.refreshToken?.reveal() else { return }
        checkClaim(toolAuth, provider)
        self.sentAt[key] = world.elapsed
        let (life, claimed) = (incarnation, claimedAt[key] ?? world.elapsed)
        oracle.sends(
            toolAuth, provider.policy, incarnation: life, claimedAt: claimed,
            unmeasurableFrom: world.unmeasurableFrom, at: world.elapsed)
        let sentAt = world.now
        let latency = world.random.duration(0.005...0.4)
        if provider.mood == .unreachable {
            let failure = AttemptFailure(code: "connect", detail: "refused")
            later(world.random.duration(0.001...2)) { [self] in
                end(key, token, .transient(failure, retryAfter: nil, atEndpoint: true), .definite, nil)
            }
            return
        }
        // The request goes on its way whatever becomes of the daemon.
        world.after(latency) { [self] in
            var answer: SimulatedProvider.Answer?
            var isLost = world.random.chance(lossRate) || (world.elapsed < suspendedUntil && world.random.chance(0.5))
            switch provider.mood {
            case .silent:
                if world.random.chance(0.5) { _ = provider.receive(token, at: world.elapsed) }
            case .losingReplies:
                _ = provider.receive(token, at: world.elapsed)
                isLost = true
            default: answer = provider.receive(token, at: world.elapsed)
            }
            if isLost, provider.mood == .healthy {
                provider.disturbances.note(at: world.elapsed, lasting: 0)
                oracle.count("reply lost")
            }
            guard life == incarnation else { return }
            let timeout = timeout(of: provider.policy)
            if isLost || answer == nil {
                let failure = AttemptFailure(code: "timeout", detail: "no reply")
                later(isLost ? latency : timeout) { [self] in end(key, token, .ambiguous(failure), .ambiguous, nil) }
            } else if let answer {
                later(latency) { [self] in take(answer, key, token, provider, sentAt: sentAt) }
            }
        }
    }

    /// As the authentication class has it.
    private func timeout(of policy: RefreshPolicy) -> Duration {
        guard policy.rotation != .none, policy.replayWindow > .zero else { return .seconds(30) }
        return min(.seconds(30), max(.seconds(5), policy.replayWindow / 3))
    }

    private func take(
        _ answer: SimulatedProvider.Answer, _ key: ToolAuthKey, _ token: String, _ provider: SimulatedProvider,
        sentAt: Timestamp
    ) {
        let failure = AttemptFailure(code: "provider", detail: "it says no", providerStatus: 400)
        switch answer {
        case .tokens(let access, let refresh):
            let grant = TokenGrant(
                accessToken: Secret(access), refreshToken: refresh.map { Secret($0) }, tokenType: "Bearer", scope: nil,
                obtainedAt: sentAt, expiresAt: sentAt + provider.lifetime)
            end(key, token, .refreshed(grant), .received, refresh)
        case .invalidGrant: end(key, token, .grantRejected(failure), .rejected, nil)
        case .invalidClient: end(key, token, .clientRejected(failure), .definite, nil)
        case .unavailable:
            let failure = AttemptFailure(code: "http_503", detail: "not now", providerStatus: 503)
            end(key, token, .transient(failure, retryAfter: nil, atEndpoint: false), .definite, nil)
        case .tooMany(let wait):
            let failure = AttemptFailure(code: "http_429", detail: "too many", providerStatus: 429)
            end(key, token, .transient(failure, retryAfter: wait, atEndpoint: false), .definite, nil)
        }
    }

    private func end(
        _ key: ToolAuthKey, _ token: String, _ outcome: RefreshOutcome, _ end: Oracle.End, _ successor: String?
    ) {
        Trace.say(world.elapsed) { "\(key) ended: \(outcome)" }
        oracle.ended(key, token, end, successor: successor, incarnation: incarnation)
        tell {
            $0.ended(key, outcome, after: .milliseconds(world.elapsed - (sentAt[key] ?? world.elapsed)), at: moment)
        }
    }

    /// A crash at this instant must leave a trace of the attempt on disk.
    private func checkClaim(_ toolAuth: ToolAuth, _ provider: SimulatedProvider) {
        guard let attempt = toolAuth.record.attempt else {
            if provider.policy.rotation != .none {
                oracle.violate("\(toolAuth.key) was sent without a claim", at: world.elapsed)
            }
            return
        }
        guard let stored = store.grants[toolAuth.key], stored.record.generation == toolAuth.record.generation,
            store.sabotage != .claim
        else { return }
        if stored.record.attempt?.id != attempt.id {
            oracle.violate("the claim of \(toolAuth.key) is not on disk", at: world.elapsed)
        }
    }

    // MARK: Answers

    private func answered(_ key: ToolAuthKey, _ result: RefreshResult) {
        waiting[key] = nil
        guard case .refreshed(let toolAuth) = result, let provider = providers[key.toolID] else { return }
        guard let access = toolAuth.accessToken?.reveal(), provider.issuedAccess.contains(access) else {
            oracle.violate("\(key) was answered with a token nobody issued", at: world.elapsed)
            return
        }
        guard provider.policy.rotation != .none, store.sabotage == nil else { return }
        if let stored = store.grants[key], stored.record.generation < toolAuth.record.generation {
            oracle.violate("\(key) was answered with a token that is not on disk", at: world.elapsed)
        }
    }

    /// Whoever waits and was never answered, although nothing is under way for him.
    func checkNobodyIsForgotten() {
        guard let machine else { return }
        for key in waiting.keys.sorted() where machine.work[key] == nil {
            oracle.violate("whoever waits for \(key) was forgotten", at: world.elapsed)
        }
    }
}
