package import ToolAuthCore

// The end of an attempt on its way into the store: what a provider sent must not be lost.

extension RefreshMachine {
    mutating func commit(_ pending: PendingCommit) {
        move(pending.key, to: .committing(pending))
        openCommits += 1
        actions.append(.commit(pending))
    }

    /// The store answered ``EngineAction/commit(_:)``.
    package mutating func committed(
        _ key: ToolAuthKey, _ result: Result<CommitResult, StoreError>, at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        guard case .committing(let pending)? = work[key]?.phase else { return takeActions() }
        openCommits -= 1
        switch result {
        case .failure(let error):
            keep(pending, after: error, at: moment)
        case .success(let committed):
            heldOrder.removeAll { $0 == key }
            storeWorks(at: moment)
            if work[key]?.isRecovery == true { recovering -= 1 }
            settle(pending, committed, at: moment)
        }
        start(at: moment)
        if let lane = lanes[key.toolID] { scan(at: lane.endpoint, moment) }
        return takeActions()
    }

    // MARK: Stored

    private mutating func settle(_ pending: PendingCommit, _ committed: CommitResult, at moment: Moment) {
        let key = pending.key
        let dueAt = work[key]?.dueAt
        remove(key)
        switch (committed, pending.kind) {
        case (.stored(let stored), .attempt(let outcome, let duration)):
            report(pending, stored, outcome, duration, dueAt: dueAt, now: moment.now)
            tell(pending, stored, outcome, duration, now: moment.now)
            if case .refreshed = outcome {
                actions.append(.answer(key, .refreshed(stored)))
            } else {
                actions.append(.answer(key, .failed(stored, outcome)))
            }
            comeBack(stored.record, at: moment)
        case (.stored(let stored), .release(let release)):
            tell(pending, stored, nil, nil, now: moment.now)
            switch release {
            case .needless: actions.append(.answer(key, .refreshed(stored)))
            case .refused(let failure, let isFinal):
                let outcome: RefreshOutcome =
                    isFinal ? .requestRejected(failure) : .transient(failure, retryAfter: nil, atEndpoint: false)
                actions.append(.answer(key, .failed(stored, outcome)))
            }
            comeBack(stored.record, at: moment)
        case (.superseded(let current), _):
            if pending.settlement.tokensChanged { discard(pending, newer: current) }
            actions.append(.answer(key, current.map { .refreshed($0) } ?? .gone))
            if let current { comeBack(current.record, at: moment) }
        }
    }

    /// Sees to it that the record is looked at when it is due: at once, ahead of all others, where its refresh token may be
    /// sent again only for a short while.
    private mutating func comeBack(_ record: ToolAuthRecord, at moment: Moment) {
        guard let dueAt = record.dueAt else { return }
        if record.unsettledSince != nil, dueAt <= moment.now, !isStopping, hold == nil, store.error == nil,
            lanes[record.toolID]?.pause == nil, let tool = tools.refreshable(record.toolID),
            governor.closedUntil(tool.endpoint, now: moment.now) == nil
        {
            add(record.key, .resend, tool, expiresAt: record.expiresAt, dueAt: nil, now: moment.now)
            return
        }
        lanes[record.toolID]?.note(dueAt)
        if dueAt > moment.now { arm(noLaterThan: dueAt) }
    }

    private mutating func report(
        _ pending: PendingCommit, _ stored: ToolAuth, _ outcome: RefreshOutcome, _ duration: Duration,
        dueAt: Timestamp?, now: Timestamp
    ) {
        actions.append(
            .report(
                AttemptReport(
                    key: pending.key, outcome: outcome, duration: duration, endpoint: pending.endpoint,
                    nextAttemptAt: stored.record.dueAt, lag: dueAt.map { max(.zero, now - $0) },
                    changesStatus: !pending.settlement.events.isEmpty)))
    }

    private mutating func tell(
        _ pending: PendingCommit, _ stored: ToolAuth, _ outcome: RefreshOutcome?, _ duration: Duration?, now: Timestamp
    ) {
        for kind in pending.settlement.events {
            var event = ToolAuthEvent(kind, at: now, record: stored.record)
            event.outcome = outcome?.name
            if kind == .reauthorizationDue {
                let policy = tools.refreshable(pending.key.toolID)?.policy ?? Self.mostCautiousPolicy
                event.detail = GrantEnd(policy).end(of: stored.record).map { "The grant ends at \($0)." }
            } else {
                event.failure = outcome?.failure ?? stored.record.lastError
            }
            event.duration = duration
            event.endpoint = pending.endpoint
            actions.append(.emit(event))
        }
    }

    /// A newer grant, or a deletion, won over these tokens: they are revoked, unless that would end the newer grant.
    private mutating func discard(_ pending: PendingCommit, newer: ToolAuth?) {
        guard pending.revokesSingleTokens else { return }
        // Where refresh tokens stay, the newer grant may go on with the very same one.
        var late = pending.settlement.toolAuth
        if late.refreshToken == newer?.refreshToken { late.refreshToken = nil }
        if late.accessToken == newer?.accessToken { late.accessToken = nil }
        guard late.refreshToken != nil || late.accessToken != nil else { return }
        actions.append(.revoke(late))
    }

    // MARK: Not stored

    /// The store refused the end of an attempt: it is kept in memory until the store takes it.
    private mutating func keep(_ pending: PendingCommit, after error: StoreError, at moment: Moment) {
        let key = pending.key
        let failures = (work[key]?.storeFailures ?? 0) + 1
        if pending.isDispensable, failures == 1, pending.attempt != nil { answer(early: pending) }
        if work[key]?.isRecovery == true {
            // It counts as started: the daemon serves while it tries on.
            recovering -= 1
            work[key]?.isRecovery = false
        }
        work[key]?.storeFailures = failures
        var retryAt: Timestamp?
        if error.isOfStore {
            storeFailed(error, at: moment)
        } else {
            if failures == 1 {
                actions.append(.notice(.recordFailing(key, error, holdsTokens: pending.holdsTokens)))
            }
            retryAt = moment.now + Self.heldBackoff.wait(failures: failures, uniform: uniform())
            storeStaysUntried(at: moment)
        }
        work[key]?.phase = .held(pending, retryAt: retryAt)
        if !heldOrder.contains(key) { heldOrder.append(key) }
        arm(noLaterThan: retryAt)
    }

    /// Whoever waits for new tokens of a grant that loses nothing gets them before they are stored.
    mutating func answer(early pending: PendingCommit) {
        guard pending.settlement.tokensChanged else { return }
        actions.append(.answer(pending.key, .refreshed(pending.settlement.toolAuth)))
    }

    mutating func commitAgain(_ key: ToolAuthKey) {
        guard case .held(let pending, _)? = work[key]?.phase else { return }
        commit(pending)
    }
}
