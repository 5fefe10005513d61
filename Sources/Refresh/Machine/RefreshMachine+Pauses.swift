package import ToolAuthCore

// A tool that stands still: an administrator wants it so, or the provider refuses its client or all its requests.

extension RefreshMachine {
    /// Stops, or lets go on, the refreshes of a tool. The caller has stored it.
    package mutating func setPause(_ id: ToolID, _ pause: ToolPause?, at moment: Moment) -> [EngineAction] {
        notice(moment)
        guard lanes[id] != nil else { return takeActions() }
        lanes[id]?.pause = pause
        lanes[id]?.troubles = ToolTroubles()
        lanes[id]?.probeAt = nil
        if pause == nil {
            lanes[id]?.note(moment.now)
            replanAll(of: id)
            goOn(at: moment)
        }
        return takeActions()
    }

    /// Looks at the end of an attempt for what it says of the whole tool.
    mutating func noteTrouble(_ outcome: RefreshOutcome, of key: ToolAuthKey, at moment: Moment) {
        let id = key.toolID
        guard var lane = lanes[id] else { return }
        let verdict = lane.troubles.note(
            outcome, of: key, population: lane.scheduled,
            sharesEndpoint: tools.refreshable(id)?.sharesEndpoint != false)
        lanes[id] = lane
        if let pause = lane.pause {
            // Whoever ended, it was let through the pause, or began before it.
            if isOver(pause, outcome) {
                let detail =
                    pause.kind == .clientRejected
                    ? "The provider accepts the client again." : "The provider accepts the requests again."
                resume(id, detail, at: moment)
            } else if let interval = pause.kind.probeInterval {
                probeAgain(key, at: moment.now + interval)
                arm(noLaterThan: lanes[id]?.probeAt)
            }
            return
        }
        guard let kind = verdict, let failure = outcome.failure else { return }
        pauseTool(id, kind, failure, at: moment)
    }

    /// If the record was to tell whether its tool's pause is over, and did not: another tries at `instant`.
    mutating func probeAgain(_ key: ToolAuthKey, at instant: Timestamp) {
        guard work[key]?.isToolProbe == true, lanes[key.toolID]?.pause?.kind.probeInterval != nil else { return }
        lanes[key.toolID]?.probeAt = instant
    }

    private func isOver(_ pause: ToolPause, _ outcome: RefreshOutcome) -> Bool {
        switch (pause.kind, outcome) {
        case (.administrator, _): false
        case (_, .refreshed): true
        // A client whose grants are looked at is accepted.
        case (_, .grantRejected): true
        case (.clientRejected, .requestRejected(let failure)): failure.providerStatus != nil
        default: false
        }
    }

    private mutating func pauseTool(
        _ id: ToolID, _ kind: ToolPause.Kind, _ failure: AttemptFailure, at moment: Moment
    ) {
        let pause = ToolPause(kind, detail: Self.explanation(kind, failure), since: moment.now)
        let probeAt = kind.probeInterval.map { moment.now + $0 }
        lanes[id]?.pause = pause
        lanes[id]?.probeAt = probeAt
        actions.append(.setPause(id, pause))
        var event = ToolAuthEvent(.toolPaused, at: moment.now, toolID: id, detail: pause.detail)
        event.failure = failure
        event.endpoint = lanes[id]?.endpoint
        actions.append(.emit(event))
        // Those that wait for their turn are turned away: each would only be refused too.
        for (key, entry) in work where key.toolID == id {
            guard case .queued = entry.phase, let endpoint = entry.endpoint else { continue }
            governor.withdraw(key, at: endpoint, now: moment.now)
            lanes[id]?.note(entry.dueAt ?? moment.now)
            remove(key)
            if entry.reason.isForeground { actions.append(.answer(key, .toolPaused(pause))) }
        }
        arm(noLaterThan: probeAt)
    }

    /// The tool is configured otherwise than before: what its provider refused may be right now.
    mutating func startOver(_ id: ToolID, at moment: Moment) {
        guard let pause = lanes[id]?.pause else { return replanAll(of: id) }
        if pause.kind.probeInterval != nil { resume(id, "Its configuration has changed.", at: moment) }
    }

    private mutating func resume(_ id: ToolID, _ detail: String, at moment: Moment) {
        lanes[id]?.pause = nil
        lanes[id]?.probeAt = nil
        lanes[id]?.troubles = ToolTroubles()
        lanes[id]?.note(moment.now)
        actions.append(.setPause(id, nil))
        actions.append(.emit(ToolAuthEvent(.toolResumed, at: moment.now, toolID: id, detail: detail)))
        replanAll(of: id)
        replan(at: moment)
    }

    /// What refusals had put off comes due.
    private mutating func replanAll(of id: ToolID) {
        guard let tool = tools.refreshable(id) else { return }
        replans.append(ReplanPass(tool: id, change: .policy(tool.policy)))
    }

    private static func explanation(_ kind: ToolPause.Kind, _ failure: AttemptFailure) -> String {
        let said = failure.detail.hasSuffix(".") ? String(failure.detail.dropLast()) : failure.detail
        return switch kind {
        case .administrator: "An administrator paused it."
        case .clientRejected:
            "The provider refuses the client (\(said)); check client_id and client_secret. Tried again every 5 min."
        case .requestRejected:
            "The provider refuses every request (\(said)); check the provider document. Tried again every hour."
        }
    }
}
