package import ToolAuthCore

/// Decides everything about refreshing: what is tried when, what its end means, what is written down, who is told.
///
/// A value without I/O. It is told what happened, at what instant, and answers with actions; ``RefreshEngine`` performs
/// them and tells it of their ends. So every interleaving, clock jump and failure can be played through, and is: see the
/// simulation among the tests.
///
/// A record is seen to by at most one attempt (single flight), which is durable before its request leaves (claim) and whose
/// end is durable before anybody learns of it (commit).
package struct RefreshMachine: Sendable {
    /// Ends that may wait for the store at once; more attempts are not begun.
    package static let openCommitLimit = 1024
    /// When a record that may not be sent is looked at again.
    package static let bindingRetryInterval: Duration = .seconds(3600)
    /// When to look again after the store could not be read.
    package static let scanRetryInterval: Duration = .seconds(5)
    /// The longest wait between tries to store what is held for one record alone.
    package static let heldBackoff = Backoff(base: .seconds(1), ceiling: .seconds(60), floor: .milliseconds(500))

    let tools: any ToolDirectory
    /// Draws from [0, 1).
    let uniform: @Sendable () -> Double
    let newAttemptID: @Sendable () -> String

    var governor = EndpointGovernor()
    var work: [ToolAuthKey: Work] = [:]
    var lanes: [ToolID: Lane] = [:]
    /// The tools with a lane; whose turn it is to be scanned first.
    var laneOrder: [ToolID] = []
    var lanesByEndpoint: [EndpointID: [ToolID]] = [:]
    var openCommits = 0

    /// Endpoints whose breaker is open.
    var broken: Set<EndpointID> = []
    /// Endpoints whose clock was said to differ.
    var skewed: Set<EndpointID> = []

    var store = StoreCondition.working
    /// Ends the store refused, first to be tried first.
    var heldOrder: [ToolAuthKey] = []
    var hold: StoreHold?
    var isStopping = false

    var isScanning = false
    var scanRetryAt: Timestamp?
    var armedAt: Timestamp?
    /// How the wall clock stood when last looked at.
    var boot: BootReference?
    /// How far it was set between the last write of before the start and the start; nil: not at all.
    var stepBeforeStart: Duration?
    var replans: [ReplanPass] = []
    var replanUnderWay = false
    var replanRetryAt: Timestamp?
    /// Open attempts of before a crash that are not settled yet.
    var recovering = 0
    var hasScanned = false

    var actions: [EngineAction] = []

    /// - Parameters:
    ///   - uniform: draws from [0, 1), for jitter and back-off.
    ///   - newAttemptID: makes ids that never repeat.
    package init(
        tools: any ToolDirectory, uniform: @escaping @Sendable () -> Double,
        newAttemptID: @escaping @Sendable () -> String
    ) {
        self.tools = tools
        self.uniform = uniform
        self.newAttemptID = newAttemptID
    }

    /// What was decided since this was last asked.
    mutating func takeActions() -> [EngineAction] {
        defer { actions = [] }
        return actions
    }

    // MARK: Starting

    /// The daemon starts, or the hold of its store ended: settles what a crash left open, then scans.
    ///
    /// - Parameters:
    ///   - openAttempts: records whose attempt was begun and never ended.
    ///   - lastWriteAt: when the store was written to last; later than now, the wall clock was ahead.
    ///   - lastBoot: by which clock the store was written: it may have been set while no daemon ran.
    ///   - states: what the store remembers of the tools.
    package mutating func start(
        openAttempts: [ToolAuthKey], states: [ToolID: ToolState], lastWriteAt: Timestamp?, lastBoot: BootReference?,
        hold: StoreHold?, at moment: Moment
    ) -> [EngineAction] {
        boot = moment.boot
        self.hold = hold
        hasScanned = hold != nil
        configure(states, at: moment)
        guard hold == nil else { return takeActions() }
        compareClocks(lastWriteAt, lastBoot, at: moment)
        for key in openAttempts where work[key] == nil {
            recovering += 1
            var entry = Work(reason: .resend, phase: .recovering)
            entry.isRecovery = true
            work[key] = entry
            actions.append(.load(key))
        }
        goOn(at: moment)
        return takeActions()
    }

    /// Whether what a crash left open is settled and the first scan is done.
    package var isStarted: Bool { hasScanned && recovering == 0 }

    /// The tools as configured changed: lanes are laid anew, and records whose plan changed are planned anew.
    package mutating func reconfigure(
        _ states: [ToolID: ToolState], changed: Set<ToolID> = [], at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        configure(states, at: moment)
        for id in laneOrder where changed.contains(id) { startOver(id, at: moment) }
        goOn(at: moment)
        return takeActions()
    }

    private mutating func configure(_ states: [ToolID: ToolState], at moment: Moment) {
        lanes = [:]
        lanesByEndpoint = [:]
        laneOrder = tools.refreshableTools.sorted()
        for id in laneOrder {
            guard let tool = tools.refreshable(id) else { continue }
            // Everything is looked at once.
            var lane = Lane(endpoint: tool.endpoint, nextDueAt: moment.now)
            if let pause = states[id]?.pause {
                lane.pause = pause
                // A new configuration may be what it waited for.
                lane.probeAt = pause.kind.probeInterval == nil ? nil : moment.now
                tools.setPause(id, pause)
            }
            lanes[id] = lane
            lanesByEndpoint[tool.endpoint, default: []].append(id)
            let plan = RefreshPlan.text(tool)
            if let state = states[id], let known = state.plan, known != plan {
                replans.append(ReplanPass(tool: id, change: .policy(tool.policy), plan: plan))
            } else if states[id]?.plan == nil {
                actions.append(.setPlan(id, plan))
            }
        }
        laneOrder.removeAll { lanes[$0] == nil }
        for key in Array(work.keys) { takeAlong(key, now: moment.now) }
    }

    /// The tools were configured anew: what waits at an endpoint that its tool does not have any more is taken out of that
    /// queue, and the lanes count again.
    private mutating func takeAlong(_ key: ToolAuthKey, now: Timestamp) {
        guard let entry = work[key] else { return }
        guard case .queued = entry.phase, let endpoint = entry.endpoint, lanes[key.toolID]?.endpoint != endpoint else {
            if entry.isUnclaimed { lanes[key.toolID]?.unclaimed += 1 }
            return
        }
        governor.withdraw(key, at: endpoint, now: now)
        work[key] = nil
        guard entry.reason.isForeground else { return }
        if let tool = tools.refreshable(key.toolID), lanes[key.toolID] != nil {
            add(key, entry.reason, tool, expiresAt: nil, dueAt: entry.dueAt, now: now)
        } else {
            actions.append(.answer(key, .toolUnavailable("The tool \(key.toolID) cannot refresh any more.")))
        }
    }

    // MARK: The one way

    package enum Admission: Sendable {
        /// An attempt is queued or under way; its end is the answer.
        case joined
        /// This is the answer, and nothing is sent.
        case answered(RefreshResult)
    }

    /// Somebody wants a record refreshed: joins the attempt under way, or begins one.
    package mutating func request(
        _ key: ToolAuthKey, _ reason: RefreshReason, at moment: Moment
    ) -> (Admission, [EngineAction]) {
        notice(moment)
        let admission = admit(key, reason, at: moment)
        if case .joined = admission { start(at: moment) }
        return (admission, takeActions())
    }

    private mutating func admit(_ key: ToolAuthKey, _ reason: RefreshReason, at moment: Moment) -> Admission {
        if let present = work[key], !isOutlived(present, now: moment.now) { return join(present, key, reason) }
        if isStopping { return .answered(.stopping) }
        if let hold { return .answered(.onHold(hold)) }
        guard let tool = tools.refreshable(key.toolID), lanes[key.toolID] != nil else {
            return .answered(.toolUnavailable("The tool \(key.toolID) cannot refresh now."))
        }
        if let pause = lanes[key.toolID]?.pause { return .answered(.toolPaused(pause)) }
        if let error = store.error, !isDispensable(tool) { return .answered(.storeUnavailable(error)) }
        if let until = governor.refusal(at: tool.endpoint, now: moment.now) { return .answered(.held(until: until)) }
        heldOrder.removeAll { $0 == key }
        remove(key)
        add(key, reason, tool, expiresAt: nil, dueAt: nil, now: moment.now)
        return .joined
    }

    /// Whether tokens are held whose end has come while the store took nothing. The grant loses nothing with them: it is
    /// refreshed once more.
    private func isOutlived(_ entry: Work, now: Timestamp) -> Bool {
        guard case .held(let commit, _) = entry.phase, commit.isDispensable, commit.settlement.tokensChanged,
            let expiresAt = commit.settlement.toolAuth.record.expiresAt
        else { return false }
        return expiresAt <= now
    }

    private mutating func join(_ present: Work, _ key: ToolAuthKey, _ reason: RefreshReason) -> Admission {
        switch present.phase {
        case .queued:
            guard reason.isForeground, !present.reason.isForeground, let endpoint = present.endpoint else { break }
            governor.promote(key, at: endpoint)
            work[key]?.reason = reason
        case .held(let commit, _):
            // New tokens of a grant that loses nothing: whoever waits gets them although they are not stored yet.
            if commit.isDispensable, commit.settlement.tokensChanged {
                return .answered(.refreshed(commit.settlement.toolAuth))
            }
        case .resting:
            let detail = "The record of \(key) cannot be written; the journal says why."
            return .answered(.storeUnavailable(StoreError(.misuse, detail)))
        case .claiming, .loading, .recovering, .sending, .committing: break
        }
        return .joined
    }

    mutating func add(
        _ key: ToolAuthKey, _ reason: RefreshReason, _ tool: RefreshableTool, expiresAt: Timestamp?,
        dueAt: Timestamp?, now: Timestamp
    ) {
        var entry = Work(reason: reason, phase: .queued)
        entry.dueAt = dueAt
        entry.endpoint = tool.endpoint
        work[key] = entry
        lanes[key.toolID]?.unclaimed += 1
        governor.enqueue(
            key, at: tool.endpoint, reason.precedence, expiresAt: expiresAt, tool.policy,
            canConnect: tool.connect != nil,
            now: now)
    }

    /// Changes what stage a record is at, keeping count.
    mutating func move(_ key: ToolAuthKey, to phase: Work.Phase) {
        guard let former = work[key] else { return }
        work[key]?.phase = phase
        if former.isUnclaimed, work[key]?.isUnclaimed == false { lanes[key.toolID]?.unclaimed -= 1 }
    }

    /// Nothing more is done for a record now.
    mutating func remove(_ key: ToolAuthKey) {
        guard let former = work.removeValue(forKey: key) else { return }
        if former.isUnclaimed { lanes[key.toolID]?.unclaimed -= 1 }
    }

    /// Whether new tokens of the tool may be handed out before they are stored: the old refresh token goes on, so a lost
    /// reply loses nothing.
    func isDispensable(_ tool: RefreshableTool) -> Bool {
        tool.policy.rotation == .none && tool.policy.method != .none
    }

    // MARK: Time

    /// The timer rang.
    package mutating func wake(at moment: Moment) -> [EngineAction] {
        armedAt = nil
        notice(moment)
        goOn(at: moment)
        return takeActions()
    }

    /// A record is now due at `instant`; nil: at no time.
    package mutating func note(_ toolID: ToolID, dueAt instant: Timestamp?, at moment: Moment) -> [EngineAction] {
        guard let instant, lanes[toolID] != nil else { return [] }
        notice(moment)
        lanes[toolID]?.note(instant)
        // Counted anew by the next scan; till then there may be any number.
        lanes[toolID]?.scheduled = DueScan.countLimit
        if instant <= moment.now { scan(at: moment) } else { arm(noLaterThan: instant) }
        return takeActions()
    }

    /// Does whatever may be done now, and arms the timer for what comes next.
    mutating func goOn(at moment: Moment) {
        retryStore(at: moment)
        wakeResting(now: moment.now)
        replan(at: moment)
        probeConnections(now: moment.now)
        start(at: moment)
        scan(at: moment)
        rearm(now: moment.now)
    }

    // MARK: Stopping

    /// Begins nothing more; attempts under way go on.
    package mutating func stop(at moment: Moment) -> [EngineAction] {
        isStopping = true
        for key in governor.clearQueues(now: moment.now) {
            remove(key)
            actions.append(.answer(key, .stopping))
        }
        for (key, entry) in work {
            guard case .resting = entry.phase else { continue }
            remove(key)
        }
        // The timer may be about to ring.
        retryStore(at: moment)
        rearm(now: moment.now)
        return takeActions()
    }

    // MARK: Standing

    /// The records with an attempt under way, or with an end that is not stored yet.
    package var unfinished: [ToolAuthKey] { work.keys.sorted() }
    package var isIdle: Bool { work.isEmpty }
    /// Whether a record of the tool is between its claim and the store's answer to its end.
    package func hasAttempt(of toolID: ToolID) -> Bool {
        work.contains { key, entry in
            guard key.toolID == toolID else { return false }
            return switch entry.phase {
            case .claiming, .loading, .recovering, .sending, .committing: true
            case .queued, .held, .resting: false
            }
        }
    }
    /// Why the store does not take what is written; nil: it does.
    package var storeProblem: StoreError? { store.error }
    /// Ends that could not be stored yet.
    package var heldResults: Int { heldOrder.count }
    package var storeHold: StoreHold? { hold }
    package func pause(of toolID: ToolID) -> ToolPause? { lanes[toolID]?.pause }
}
