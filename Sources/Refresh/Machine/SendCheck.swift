import ToolAuthCore

/// The last look before a refresh token leaves: what may stand against it, and what then becomes of the record.
struct SendCheck {
    let tool: RefreshableTool
    let reason: RefreshReason
    let isToolProbe: Bool
    let now: Timestamp
    /// Drawn from [0, 1), where due times are made anew.
    let uniform: Double

    enum Obstacle: Sendable {
        /// Somebody else already did what was wanted.
        case alreadyDone
        /// It is not due (any more).
        case notDue
        /// Only the end of its grant is to be announced.
        case announcement
        /// Nobody has fetched the token for so long that it is left to end.
        case dormant(RefreshPolicy)
        /// It is due, but may not be sent before then.
        case postponed(until: Timestamp)
        /// An attempt just failed, or the token may not be sent again yet; its failure is the answer.
        case tooSoon
        /// Its tokens may not be sent, or cannot be opened.
        case unsendable(AttemptFailure)
    }

    func obstacle(to record: ToolAuthRecord) -> Obstacle? {
        if let failure = unsendable(record) { return .unsendable(failure) }
        if let generation = reason.generation {
            // Whoever asked looked at the record before: it may have changed since.
            return record.generation > generation ? .alreadyDone : tooSoon(record)
        }
        return scheduledObstacle(record)
    }

    private func unsendable(_ record: ToolAuthRecord) -> AttemptFailure? {
        if case .needsReauthorization(.undecryptable) = record.status {
            return AttemptFailure(
                code: "undecryptable", detail: "The stored tokens do not open under any key present.")
        }
        // Where the client gets tokens by itself none goes along, so none can go astray.
        if tool.policy.needsNoUser { return nil }
        if !bytesEqual(record.clientID, tool.clientID) {
            return AttemptFailure(
                code: "configuration_changed", detail: "The tokens belong to another client than the tool's.")
        }
        if let origin = tool.tokenOrigin, !bytesEqual(record.tokenOrigin, origin) {
            return AttemptFailure(
                code: "endpoint_changed",
                detail: "The tokens came from \(record.tokenOrigin), the tool now names \(origin).")
        }
        return nil
    }

    // MARK: Somebody waits

    private func tooSoon(_ record: ToolAuthRecord) -> Obstacle? {
        if record.status.reason != nil || ResendRule(policy: tool.policy, now: now).notBefore(record) != nil {
            return .tooSoon
        }
        if let until = ownRate(record), until > now { return .tooSoon }
        guard let nextAttemptAt = record.nextAttemptAt, nextAttemptAt > now, let last = record.lastAttemptAt else {
            return nil
        }
        // An attempt in the future is one of before the clock was set back.
        return now >= last && now - last < TokenReading.pace ? .tooSoon : nil
    }

    // MARK: It is due

    private func scheduledObstacle(_ record: ToolAuthRecord) -> Obstacle? {
        var unclaimed = record
        unclaimed.attempt = nil
        guard let dueAt = unclaimed.dueAt, dueAt <= now else { return .notDue }
        if record.nextAttemptAt == nil {
            let refresh = [record.refreshAt, record.keepaliveAt].compactMap(\.self).min()
            guard let refresh, refresh <= now else { return .announcement }
            let isForKeepalive = record.keepaliveAt.map { $0 <= now } ?? false
            if !isForKeepalive, RefreshSchedule(tool.policy).isDormant(record, now: now) {
                return .dormant(tool.policy)
            }
        }
        let limits = [ResendRule(policy: tool.policy, now: now).notBefore(record), ownRate(record)]
        return limits.compactMap(\.self).max().flatMap { $0 > now ? .postponed(until: $0) : nil }
    }

    private func ownRate(_ record: ToolAuthRecord) -> Timestamp? { tool.policy.ownRate(record, now: now) }
}

extension SendCheck.Obstacle {
    /// Changes the record so that it is not due for the same reason at once again.
    func apply(
        to record: inout ToolAuthRecord, _ policy: RefreshPolicy?, _ moment: Moment,
        _ events: inout [ToolAuthEvent.Kind]
    ) {
        switch self {
        case .alreadyDone, .notDue, .tooSoon: break
        case .announcement: break
        case .dormant: record.refreshAt = nil
        case .postponed(let until):
            record.nextAttemptAt = until
            record.attemptBoot = moment.boot
        // Why is computed, not stored: the record heals when the key, or the configuration, returns.
        case .unsendable:
            record.nextAttemptAt = moment.now + RefreshMachine.bindingRetryInterval
            record.attemptBoot = moment.boot
        }
        record.attempt = nil
        if let policy, record.status.reason == nil, GrantEnd(policy).announce(&record, now: moment.now) {
            events.append(.reauthorizationDue)
        }
    }

    /// What whoever waits learns.
    func answer(_ record: ToolAuthRecord) -> PendingCommit.Release {
        switch self {
        case .alreadyDone, .notDue, .announcement, .dormant, .postponed: .needless
        case .tooSoon:
            .refused(
                record.lastError ?? AttemptFailure(code: "too_soon", detail: "It was just tried."), isFinal: false)
        case .unsendable(let failure): .refused(failure, isFinal: true)
        }
    }
}
