package import ToolAuthCore

// An attempt, from its place at the endpoint to the end of its request.

extension RefreshMachine {
    // MARK: Starting

    /// Begins what may start now.
    mutating func start(at moment: Moment) {
        guard !isStopping, hold == nil else { return }
        let limit = max(0, Self.openCommitLimit - openCommits)
        for start in governor.start(now: moment.now, atMost: limit) {
            guard work[start.key] != nil else {
                governor.release(start.ticket, now: moment.now)
                continue
            }
            work[start.key]?.ticket = start.ticket
            if store.error != nil {
                // Only what loses nothing got here.
                move(start.key, to: .loading)
                actions.append(.load(start.key))
            } else {
                let attempt = Attempt(id: newAttemptID(), startedAt: moment.now)
                move(start.key, to: .claiming(attempt))
                actions.append(.claim(start.key, attempt))
            }
        }
    }

    /// The store answered ``EngineAction/claim(_:_:)``.
    package mutating func claimed(
        _ key: ToolAuthKey, _ result: Result<ToolAuth?, StoreError>, at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        guard case .claiming(let attempt)? = work[key]?.phase else { return takeActions() }
        switch result {
        case .success(nil):
            giveUp(key, .gone, at: moment)
        case .success(let claimed?):
            storeWorks(at: moment)
            proceed(key, claimed, attempt, at: moment)
        case .failure(let error):
            claimFailed(key, error, at: moment)
        }
        return takeActions()
    }

    private mutating func claimFailed(_ key: ToolAuthKey, _ error: StoreError, at moment: Moment) {
        guard error.isOfStore else {
            actions.append(.notice(.recordFailing(key, error, holdsTokens: false)))
            actions.append(.answer(key, .storeUnavailable(error)))
            freeTicket(of: key, now: moment.now)
            // Another record tells whether the tool's pause is over.
            probeAgain(key, at: moment.now)
            work[key]?.isToolProbe = false
            let until = moment.now + Self.heldBackoff.ceiling
            move(key, to: .resting(until: until))
            arm(noLaterThan: until)
            start(at: moment)
            return
        }
        storeFailed(error, at: moment)
        if let tool = tools.refreshable(key.toolID), isDispensable(tool), work[key]?.reason.isForeground == true {
            move(key, to: .loading)
            actions.append(.load(key))
        } else {
            giveUp(key, .storeUnavailable(error), at: moment)
        }
    }

    /// The store answered ``EngineAction/load(_:)``.
    package mutating func loaded(
        _ key: ToolAuthKey, _ result: Result<ToolAuth?, StoreError>, at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        switch work[key]?.phase {
        case .loading:
            switch result {
            case .success(nil): giveUp(key, .gone, at: moment)
            // One is open where its end was held, and outlived: this attempt takes its place.
            case .success(let found?): proceed(key, found, found.record.attempt, at: moment)
            case .failure(let error): giveUp(key, .storeUnavailable(error), at: moment)
            }
        case .recovering:
            recover(key, result, at: moment)
        default: break
        }
        return takeActions()
    }

    /// Nothing was sent and nothing is to be stored.
    private mutating func giveUp(_ key: ToolAuthKey, _ result: RefreshResult, at moment: Moment) {
        freeTicket(of: key, now: moment.now)
        probeAgain(key, at: moment.now)
        if case .storeUnavailable = result {
            // Still due: read again once the store works.
            if let dueAt = work[key]?.dueAt { lanes[key.toolID]?.note(dueAt) }
        }
        remove(key)
        actions.append(.answer(key, result))
        start(at: moment)
        scan(at: moment)
    }

    mutating func freeTicket(of key: ToolAuthKey, now: Timestamp) {
        guard let ticket = work[key]?.ticket else { return }
        work[key]?.ticket = nil
        governor.release(ticket, now: now)
    }

    // MARK: Sending

    /// The grant is at hand: it is sent, unless something stands against it.
    private mutating func proceed(_ key: ToolAuthKey, _ found: ToolAuth, _ attempt: Attempt?, at moment: Moment) {
        guard let entry = work[key] else { return }
        var toolAuth = found
        catchUp(&toolAuth.record, at: moment)
        toolAuth.record.attempt = attempt
        guard let tool = tools.refreshable(key.toolID) else {
            release(key, toolAuth, .notDue, at: moment)
            return
        }
        let check = SendCheck(
            tool: tool, reason: entry.reason, isToolProbe: entry.isToolProbe, now: moment.now, uniform: uniform())
        if let obstacle = check.obstacle(to: toolAuth.record) {
            release(key, toolAuth, obstacle, at: moment)
            return
        }
        if !tool.policy.canRefresh(toolAuth, at: moment.now) {
            freeTicket(of: key, now: moment.now)
            probeAgain(key, at: moment.now)
            conclude(key, toolAuth, .unrefreshable, after: .zero, tool, isShared: false, at: moment)
            return
        }
        move(key, to: .sending(toolAuth, isClaimed: attempt != nil))
        work[key]?.sentBoot = moment.boot
        actions.append(.send(toolAuth))
    }

    /// Takes the claim back, since nothing is sent.
    private mutating func release(
        _ key: ToolAuthKey, _ claimed: ToolAuth, _ obstacle: SendCheck.Obstacle, at moment: Moment
    ) {
        freeTicket(of: key, now: moment.now)
        probeAgain(key, at: moment.now)
        let tool = tools.refreshable(key.toolID)
        var released = claimed
        var events: [ToolAuthEvent.Kind] = []
        obstacle.apply(to: &released.record, tool?.policy, moment, &events)
        commit(
            PendingCommit(
                settlement: Settlement(toolAuth: released, tokensChanged: false, events: events),
                generation: claimed.record.generation, attempt: claimed.record.attempt?.id,
                kind: .release(obstacle.answer(claimed.record)),
                endpoint: lanes[key.toolID]?.endpoint ?? EndpointID(rawValue: ""), revokesSingleTokens: false,
                isDispensable: false))
        start(at: moment)
    }

    // MARK: The end of a request

    /// The provider answered, or did not.
    package mutating func ended(
        _ key: ToolAuthKey, _ outcome: RefreshOutcome, after duration: Duration, at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        guard let entry = work[key], case .sending(let sent, _) = entry.phase, let ticket = entry.ticket else {
            return takeActions()
        }
        let outcome = outcome.caughtUp(with: entry.sentBoot.flatMap { moment.boot?.step(since: $0) })
        // What the clock did meanwhile, it did to this grant too.
        var claimed = sent
        catchUp(&claimed.record, at: moment)
        // Resends count from when it was sent, by the clock of this moment.
        claimed.record.attempt = sent.record.attempt.map { Attempt(id: $0.id, startedAt: moment.now - duration) }
        work[key]?.ticket = nil
        // The configuration of this moment, or what can be said without any.
        let tool = tools.refreshable(key.toolID)
        let effect = governor.finish(
            ticket, key, signal(outcome, tool), population: population(at: ticket.endpoint),
            retryAfter: endpointHold(outcome, tool), now: moment.now)
        note(effect, at: ticket.endpoint, outcome, now: moment.now)
        noteTrouble(outcome, of: key, at: moment)
        noteSkew(outcome, at: ticket.endpoint, now: moment.now)
        conclude(
            key, claimed, outcome, after: duration, tool, isShared: effect.isBroken || effect.opened, at: moment)
        start(at: moment)
        scan(at: ticket.endpoint, moment)
        arm(noLaterThan: governor.nextStart(at: ticket.endpoint, now: moment.now))
        return takeActions()
    }

    /// What the end says of the endpoint that all grants share; where each has a server of its own, that one does not
    /// work says nothing of the others.
    private func signal(_ outcome: RefreshOutcome, _ tool: RefreshableTool?) -> EndpointSignal {
        let signal = EndpointSignal(outcome)
        return tool?.sharesEndpoint == false && signal != .answered ? .silent : signal
    }

    /// How long the provider asks the whole endpoint to be left alone; where it counts each grant on its own, or each has
    /// a server of its own, only the record waits.
    private func endpointHold(_ outcome: RefreshOutcome, _ tool: RefreshableTool?) -> Duration? {
        guard case .transient(_, let retryAfter?, _) = outcome, tool?.policy.rate?.scope != .record,
            tool?.sharesEndpoint != false
        else { return nil }
        return retryAfter
    }

    private mutating func note(
        _ effect: EndpointGovernor.Effect, at endpoint: EndpointID, _ outcome: RefreshOutcome, now: Timestamp
    ) {
        if effect.opened {
            broken.insert(endpoint)
            actions.append(.notice(.endpointFailing(endpoint, lanesByEndpoint[endpoint] ?? [], outcome.failure)))
        }
        if effect.closed { mend(endpoint) }
        let until = governor.closedUntil(endpoint, now: now) ?? now
        for key in effect.dropped {
            lanes[key.toolID]?.note(now)
            probeAgain(key, at: now)
            let isWaitedFor = work[key]?.reason.isForeground ?? false
            remove(key)
            if isWaitedFor { actions.append(.answer(key, .held(until: until))) }
        }
    }

    /// How many records the endpoint has, as far as is known and up to three.
    private func population(at endpoint: EndpointID) -> Int {
        let ids = lanesByEndpoint[endpoint] ?? []
        let scheduled = ids.reduce(0) { $0 + (lanes[$1]?.scheduled ?? 0) }
        return max(scheduled, governor.active(at: endpoint) + governor.queued(at: endpoint) + 1)
    }

    private mutating func noteSkew(_ outcome: RefreshOutcome, at endpoint: EndpointID, now: Timestamp) {
        guard case .refreshed(let grant) = outcome, let serverDate = grant.serverDate else { return }
        let skew = serverDate - now
        guard skew > .seconds(60) || skew < .seconds(-60) else {
            skewed.remove(endpoint)
            return
        }
        if skewed.insert(endpoint).inserted { actions.append(.notice(.providerSkew(endpoint, skew))) }
    }

    // MARK: Settling

    /// Turns the end of an attempt into what is to be stored, and stores it.
    private mutating func conclude(
        _ key: ToolAuthKey, _ claimed: ToolAuth, _ outcome: RefreshOutcome, after duration: Duration,
        _ tool: RefreshableTool?, isShared: Bool, at moment: Moment
    ) {
        guard let entry = work[key] else { return }
        let policy = tool?.policy ?? Self.mostCautiousPolicy
        let settling = Settling(policy: policy, now: moment.now, boot: moment.boot, uniform: uniform())
        let settlement = settling.settle(
            claimed, outcome, isReported: entry.reason.isForeground, isShared: isShared)
        let pending = PendingCommit(
            settlement: settlement, generation: claimed.record.generation, attempt: claimed.record.attempt?.id,
            kind: .attempt(outcome, duration),
            endpoint: tool?.endpoint ?? lanes[key.toolID]?.endpoint ?? EndpointID(rawValue: ""),
            revokesSingleTokens: tool?.revokesSingleTokens ?? false,
            isDispensable: tool.map(isDispensable) ?? false)
        if pending.attempt == nil, pending.isDispensable {
            // The store takes nothing now, and whoever waits need not wait for it.
            answer(early: pending)
        }
        commit(pending)
    }

    /// After a crash: nobody knows how the attempt ended.
    private mutating func recover(
        _ key: ToolAuthKey, _ result: Result<ToolAuth?, StoreError>, at moment: Moment
    ) {
        guard case .success(let found?) = result, let attempt = found.record.attempt else {
            // Gone, settled, or unreadable: the next start looks again.
            recovering -= 1
            remove(key)
            if case .failure(let error) = result { storeFailed(error, at: moment) }
            return
        }
        let policy = tools.refreshable(key.toolID)?.policy ?? Self.mostCautiousPolicy
        let failure = AttemptFailure(
            code: "interrupted", detail: "The daemon ended while the provider had not answered yet.")
        var claimed = found
        catchUp(&claimed.record, at: moment)
        claimed.record.attempt = Attempt(id: attempt.id, startedAt: begin(of: attempt, now: moment.now))
        let settling = Settling(policy: policy, now: moment.now, boot: moment.boot, uniform: uniform())
        commit(
            PendingCommit(
                settlement: settling.settle(claimed, .ambiguous(failure)), generation: found.record.generation,
                attempt: attempt.id, kind: .attempt(.ambiguous(failure), .zero),
                endpoint: lanes[key.toolID]?.endpoint ?? EndpointID(rawValue: ""), revokesSingleTokens: false,
                isDispensable: false))
    }

    /// When an attempt of before the start began, by the clock of this moment. One that lies ahead of it began nobody knows
    /// when: no replay window is counted on.
    private func begin(of attempt: Attempt, now: Timestamp) -> Timestamp {
        let startedAt = attempt.startedAt + (stepBeforeStart ?? .zero)
        return startedAt <= now ? startedAt : now - Replanning.beyondReplay
    }

    /// For a grant whose tool is not there to say how its provider treats refresh tokens.
    static let mostCautiousPolicy: RefreshPolicy = {
        var policy = RefreshPolicy()
        policy.rotation = .singleUse
        return policy
    }()
}
