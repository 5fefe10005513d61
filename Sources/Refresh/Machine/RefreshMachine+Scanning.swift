package import ToolAuthCore

// What is due, read from the store as far as there is room for it, and the timer.

extension RefreshMachine {
    /// The most tools read in one scan; the others have their turn at once after it.
    static let scannedTools = 256

    // MARK: Scanning

    /// Asks for what is due of those tools whose endpoint takes it now.
    mutating func scan(at moment: Moment) {
        scan(laneOrder, at: moment)
    }

    mutating func scan(at endpoint: EndpointID, _ moment: Moment) {
        guard let ids = lanesByEndpoint[endpoint] else { return }
        scan(ids, at: moment)
    }

    private mutating func scan(_ ids: [ToolID], at moment: Moment) {
        if isScanning { return }
        defer { hasScanned = hasScanned || !isScanning }
        guard !isStopping, hold == nil, store.error == nil, !isShiftingClock,
            scanRetryAt.map({ $0 <= moment.now }) ?? true
        else { return }
        var limits: [ToolID: Int] = [:]
        for id in ids {
            guard let lane = lanes[id], lane.isRipe(moment.now) else { continue }
            let intake = intake(of: lane, now: moment.now)
            // Those being seen to show up again, first.
            if intake > 0 { limits[id] = lane.unclaimed + intake }
            if limits.count == Self.scannedTools { break }
        }
        if limits.isEmpty { return }
        isScanning = true
        for id in limits.keys { lanes[id]?.beginScan() }
        actions.append(.scan(limits))
    }

    /// How many more records of the tool may be read now.
    private func intake(of lane: Lane, now: Timestamp) -> Int {
        let intake = governor.intake(at: lane.endpoint, now: now)
        guard lane.pause == nil else { return lane.probeAt.map { $0 <= now } ?? false ? min(1, intake) : 0 }
        // Read in good portions: the next when half of the queue is through.
        let isBroken = governor.isBroken(lane.endpoint)
        return isBroken || intake >= EndpointGovernor.backgroundQueueLimit / 2 ? intake : 0
    }

    /// The store answered ``EngineAction/scan(_:)``.
    package mutating func scanned(
        _ result: Result<[ToolID: DueScan], StoreError>, at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        isScanning = false
        hasScanned = true
        switch result {
        case .failure(let error):
            if scanRetryAt == nil { actions.append(.notice(.scanFailed(error))) }
            scanRetryAt = moment.now + Self.scanRetryInterval
        case .success(let scans):
            scanRetryAt = nil
            for id in scans.keys.sorted() {
                if let scan = scans[id] { take(scan, of: id, at: moment) }
            }
            if !scans.isEmpty, laneOrder.count > Self.scannedTools {
                // Who was read goes behind those who were not.
                laneOrder = laneOrder.filter { scans[$0] == nil } + laneOrder.filter { scans[$0] != nil }
            }
        }
        goOn(at: moment)
        return takeActions()
    }

    private mutating func take(_ scan: DueScan, of id: ToolID, at moment: Moment) {
        guard let tool = tools.refreshable(id), let lane = lanes[id] else { return }
        lanes[id]?.take(scan)
        guard !isStopping, hold == nil else { return }
        for due in scan.due where work[due.key] == nil {
            guard governor.intake(at: tool.endpoint, now: moment.now) > 0, store.error == nil else {
                lanes[id]?.note(due.dueAt)
                break
            }
            if lane.pause != nil {
                guard lanes[id]?.probeAt.map({ $0 <= moment.now }) ?? false else {
                    lanes[id]?.note(due.dueAt)
                    break
                }
                lanes[id]?.probeAt = nil
            }
            add(due.key, .scheduled, tool, expiresAt: due.expiresAt, dueAt: due.dueAt, now: moment.now)
            work[due.key]?.isToolProbe = lane.pause != nil
        }
    }

    // MARK: Probes of an endpoint that cannot be reached

    /// Tries connections to broken endpoints for which something is due.
    mutating func probeConnections(now: Timestamp) {
        guard !isStopping, hold == nil else { return }
        for endpoint in broken.sorted() {
            guard let ids = lanesByEndpoint[endpoint],
                let id = ids.first(where: { lanes[$0]?.isRipe(now) ?? false && tools.refreshable($0)?.connect != nil }),
                governor.beginConnection(to: endpoint, now: now)
            else { continue }
            actions.append(.connect(endpoint, id))
        }
    }

    /// A connection to a broken endpoint was tried.
    package mutating func connected(
        to endpoint: EndpointID, succeeded: Bool, at moment: Moment
    ) -> [EngineAction] {
        notice(moment)
        if governor.endConnection(to: endpoint, succeeded: succeeded, now: moment.now) { mend(endpoint) }
        goOn(at: moment)
        return takeActions()
    }

    /// The endpoint answers again.
    mutating func mend(_ endpoint: EndpointID) {
        guard broken.remove(endpoint) != nil else { return }
        actions.append(.notice(.endpointRecovered(endpoint, lanesByEndpoint[endpoint] ?? [])))
    }

    // MARK: The timer

    /// Arms the timer for the earliest instant at which there is something to do. What could be done now was done: what
    /// lies in the past waits for something else.
    mutating func rearm(now: Timestamp) {
        let wakes = isStopping ? storeWakes : storeWakes + scheduleWakes(now: now)
        arm(wakes.filter { $0 > now }.min())
    }

    /// When the store is tried again. A stop waits for that.
    private var storeWakes: [Timestamp] {
        let own = heldOrder.compactMap { key -> Timestamp? in
            if case .held(_, let retryAt?)? = work[key]?.phase { retryAt } else { nil }
        }
        return own + [store.retryAt].compactMap(\.self)
    }

    private func scheduleWakes(now: Timestamp) -> [Timestamp] {
        var wakes = [scanRetryAt, replanRetryAt].compactMap(\.self) + governor.queuedStarts(now: now)
        for entry in work.values {
            if case .resting(let until) = entry.phase { wakes.append(until) }
        }
        if hold == nil, store.error == nil, !isShiftingClock {
            wakes += lanes.values.compactMap { wake(of: $0, now: now) }
        }
        return wakes
    }

    /// When the lane may have something to do; nil: an end of what is under way tells.
    private func wake(of lane: Lane, now: Timestamp) -> Timestamp? {
        guard let nextDueAt = lane.nextDueAt else { return nil }
        var wake = nextDueAt
        if lane.pause != nil {
            guard let probeAt = lane.probeAt else { return nil }
            wake = max(wake, probeAt)
        }
        if let opens = governor.nextStart(at: lane.endpoint, now: now) { wake = max(wake, opens) }
        return wake > now ? wake : nil
    }

    /// Arms the timer no later than for `instant`.
    mutating func arm(noLaterThan instant: Timestamp?) {
        guard let instant, !isStopping || storeWakes.contains(instant), armedAt.map({ $0 > instant }) ?? true else {
            return
        }
        arm(instant)
    }

    mutating func arm(_ instant: Timestamp?) {
        guard instant != armedAt || instant == nil else { return }
        armedAt = instant
        actions.append(.arm(instant))
    }
}
