package import ToolAuthCore

// Changes of many records in the background, a page at a time: a new configuration, a clock that was set.

extension RefreshMachine {
    /// Whether instants in the store are still those of a clock that was set meanwhile: due times say nothing until they
    /// have moved along.
    var isShiftingClock: Bool { replans.contains(where: \.shiftsClock) }

    /// Goes on with the first pass.
    mutating func replan(at moment: Moment) {
        guard let pass = replans.first, !replanUnderWay, !isStopping, store.error == nil, hold == nil,
            replanRetryAt.map({ $0 <= moment.now }) ?? true
        else { return }
        replanUnderWay = true
        actions.append(.revise(pass.tool, after: pass.after, pass.change, moment))
    }

    /// The store answered ``EngineAction/revise(_:after:_:)``.
    package mutating func revised(
        _ result: Result<RevisedPage, StoreError>, at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        replanUnderWay = false
        guard var pass = replans.first else { return takeActions() }
        switch result {
        case .failure(let error):
            replanRetryAt = moment.now + Self.scanRetryInterval
            if error.isOfStore { storeFailed(error, at: moment) }
        case .success(let page):
            replanRetryAt = nil
            lanes[pass.tool]?.note(page.nextDueAt)
            if let last = page.last {
                pass.after = last
                replans[0] = pass
            } else {
                replans.removeFirst()
                if let plan = pass.plan { actions.append(.setPlan(pass.tool, plan)) }
                if pass.shiftsClock, !isShiftingClock, let boot { actions.append(.noteBoot(boot)) }
            }
        }
        goOn(at: moment)
        return takeActions()
    }

    // MARK: The clock

    /// At the start: whether somebody set the clock since the store was written.
    mutating func compareClocks(_ lastWriteAt: Timestamp?, _ lastBoot: BootReference?, at moment: Moment) {
        if let boot = moment.boot, let step = lastBoot.flatMap({ boot.step(since: $0) }) {
            actions.append(.notice(.clockSet(step)))
            stepBeforeStart = step
            replans += clockPasses(step)
            return
        }
        if let boot = moment.boot, boot != lastBoot { actions.append(.noteBoot(boot)) }
        guard let lastWriteAt, lastWriteAt > moment.now + Replanning.futureTolerance else { return }
        actions.append(.notice(.clockWasAhead(by: lastWriteAt - moment.now)))
        replans += laneOrder.map { ReplanPass(tool: $0, change: unknownExpiry(of: $0)) }
    }

    /// What a pass would do to a record that it had to leave alone, since an attempt was under way.
    mutating func catchUp(_ record: inout ToolAuthRecord, at moment: Moment) {
        _ = unknownExpiry(of: record.toolID).apply(to: &record, at: moment, uniform: uniform())
    }

    private func unknownExpiry(of toolID: ToolID) -> Replanning {
        .unknownExpiry(tools.refreshable(toolID)?.policy ?? RefreshPolicy())
    }

    private func clockPasses(_ step: Duration) -> [ReplanPass] {
        let passes = laneOrder.map { ReplanPass(tool: $0, change: .clock) }
        // What was stored in earlier boots does not move along, and may now lie ahead.
        return step > .zero ? passes : passes + laneOrder.map { ReplanPass(tool: $0, change: unknownExpiry(of: $0)) }
    }

    /// Looks at the clock: whether somebody set it since the last look. Everything measured on it moves along, in memory
    /// at once and in the store page by page.
    mutating func notice(_ moment: Moment) {
        guard let seen = boot, let boot = moment.boot else {
            boot = moment.boot ?? boot
            return
        }
        guard let step = boot.step(since: seen) else { return }
        self.boot = boot
        actions.append(.notice(.clockSet(step)))
        governor.shift(by: step)
        store.shift(by: step)
        scanRetryAt = scanRetryAt.map { $0 + step }
        replanRetryAt = replanRetryAt.map { $0 + step }
        for (key, entry) in work {
            switch entry.phase {
            case .held(let pending, let retryAt?): work[key]?.phase = .held(pending, retryAt: retryAt + step)
            case .resting(let until): work[key]?.phase = .resting(until: until + step)
            default: break
            }
        }
        // Passes for an earlier step have become pointless: this one starts over.
        let isRunning = replanUnderWay ? replans.first : nil
        replans.removeAll { $0.shiftsClock }
        if let isRunning, isRunning.shiftsClock { replans.insert(isRunning, at: 0) }
        replans.insert(contentsOf: clockPasses(step), at: replans.isEmpty || !replanUnderWay ? 0 : 1)
        for id in laneOrder {
            lanes[id]?.shift(by: step)
            // What was stored in earlier boots stays where it is, and may be due by the clock as it is now.
            if step > .zero { lanes[id]?.note(moment.now) }
        }
        // Everything is looked at anew, at once.
        armedAt = nil
        arm(moment.now)
    }
}
