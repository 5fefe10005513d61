package import ToolAuthCore

// A store that refuses what is written: no new claims, reads go on, and nothing that a provider sent is let go.

extension RefreshMachine {
    /// The whole store refuses.
    mutating func storeFailed(_ error: StoreError, at moment: Moment) {
        var failures = 1
        var since = moment.now
        if case .failing(_, let former, _, let count) = store {
            since = former
            failures = count + 1
        } else {
            actions.append(.notice(.storeFailing(error)))
        }
        let retryAt = moment.now + StoreCondition.backoff.wait(failures: failures, uniform: uniform())
        store = .failing(error, since: since, retryAt: retryAt, failures: failures)
        if failures == 1 { turnAway(error, now: moment.now) }
        arm(noLaterThan: retryAt)
    }

    /// What waits for its turn cannot be claimed now. Records whose tokens lose nothing are tried all the same where
    /// somebody waits.
    private mutating func turnAway(_ error: StoreError, now: Timestamp) {
        for key in governor.clearQueues(now: now) {
            guard let entry = work[key] else { continue }
            if entry.reason.isForeground, let tool = tools.refreshable(key.toolID), isDispensable(tool) {
                governor.enqueue(
                    key, at: tool.endpoint, .foreground, expiresAt: nil, tool.policy, canConnect: tool.connect != nil,
                    now: now)
                work[key]?.endpoint = tool.endpoint
                continue
            }
            lanes[key.toolID]?.note(entry.dueAt)
            probeAgain(key, at: now)
            if entry.reason == .resend { lanes[key.toolID]?.note(now) }
            remove(key)
            actions.append(.answer(key, .storeUnavailable(error)))
        }
    }

    /// The store took something.
    mutating func storeWorks(at moment: Moment) {
        guard store.error != nil else { return }
        store = .working
        actions.append(.notice(.storeRecovered))
        for key in heldOrder { commitAgain(key) }
        for id in laneOrder { lanes[id]?.note(moment.now) }
        replan(at: moment)
        start(at: moment)
        scan(at: moment)
        rearm(now: moment.now)
    }

    /// Tries again what the store refused: one write to see whether it takes anything, then the others. A record that fails
    /// alone has a time of its own.
    mutating func retryStore(at moment: Moment) {
        for key in heldOrder {
            guard case .held(_, let retryAt?)? = work[key]?.phase, retryAt <= moment.now else { continue }
            commitAgain(key)
        }
        guard case .failing(let error, let since, let retryAt?, let failures) = store, retryAt <= moment.now else {
            return
        }
        store = .failing(error, since: since, retryAt: nil, failures: failures)
        if let key = heldOrder.first(where: { isHeldForStore($0) }) {
            commitAgain(key)
        } else if let id = laneOrder.first {
            actions.append(.tryStore(id))
        } else {
            store = .failing(
                error, since: since, retryAt: moment.now + StoreCondition.backoff.ceiling, failures: failures)
        }
    }

    /// A record failed alone. If its was the write that tries the store, nobody knows of the store yet: another tries.
    mutating func storeStaysUntried(at moment: Moment) {
        guard case .failing(let error, let since, nil, let failures) = store else { return }
        let retryAt = moment.now + StoreCondition.backoff.ceiling
        store = .failing(error, since: since, retryAt: retryAt, failures: failures)
        arm(noLaterThan: retryAt)
    }

    private func isHeldForStore(_ key: ToolAuthKey) -> Bool {
        if case .held(_, nil)? = work[key]?.phase { true } else { false }
    }

    /// The store answered ``EngineAction/tryStore(_:)``.
    package mutating func storeTried(_ result: Result<Void, StoreError>, at moment: Moment) -> [EngineAction] {
        notice(moment)
        switch result {
        case .success: storeWorks(at: moment)
        case .failure(let error): storeFailed(error, at: moment)
        }
        return takeActions()
    }

    /// Records that could not be claimed alone have had their rest.
    mutating func wakeResting(now: Timestamp) {
        let rested = work.filter { _, entry in
            if case .resting(let until) = entry.phase { until <= now } else { false }
        }
        for key in rested.keys {
            remove(key)
            lanes[key.toolID]?.note(now)
        }
    }
}
