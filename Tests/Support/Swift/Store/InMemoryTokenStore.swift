package import ToolAuthCore

/// A ``TokenStore`` that forgets when the process ends: the same answers as the real one, without a disk, and with
/// failures on demand.
package actor InMemoryTokenStore: TokenStore {
    package var grants: [ToolAuthKey: ToolAuth] = [:]
    package private(set) var states: [ToolID: ToolState] = [:]
    package private(set) var claims: [Attempt] = []
    package private(set) var commits = 0
    package private(set) var revocations:
        [Int64: (toolAuth: ToolAuth, dueAt: Timestamp, attempts: Int, deadline: Timestamp)] = [:]
    private var flows: [String: (pending: PendingAuthorization, summary: AuthorizationSummary, used: Bool)] = [:]
    private var lastGeneration: Int64 = 0
    private var lastRevocation: Int64 = 0
    /// What every write throws; nil: writes work.
    private var writeFailure: StoreError?
    private var commitHook: (@Sendable () async -> Void)?
    private let standing: Locked<(hold: StoreHold?, lastWriteAt: Timestamp?)>

    package init(hold: StoreHold? = nil, lastWriteAt: Timestamp? = nil) {
        standing = Locked((hold, lastWriteAt))
    }

    // MARK: For tests

    package func failWrites(_ error: StoreError?) { writeFailure = error }

    /// Runs before each commit, as the place where another writer gets in between.
    package func beforeCommit(_ hook: (@Sendable () async -> Void)?) { commitHook = hook }

    /// Stores a grant as it stands, under a new generation.
    package func seed(_ toolAuth: ToolAuth) {
        var seeded = toolAuth
        seeded.record.generation = nextGeneration()
        grants[seeded.key] = seeded
    }

    package func change(_ key: ToolAuthKey, _ change: @Sendable (inout ToolAuthRecord) -> Void) {
        guard var toolAuth = grants[key] else { return }
        change(&toolAuth.record)
        grants[key] = toolAuth
    }

    private func nextGeneration() -> Int64 {
        lastGeneration += 1
        return lastGeneration
    }

    private func write() throws(StoreError) {
        if let writeFailure { throw writeFailure }
    }

    // MARK: Reading

    package func load(_ key: ToolAuthKey) throws(StoreError) -> ToolAuth? { grants[key] }
    package func record(_ key: ToolAuthKey) throws(StoreError) -> ToolAuthRecord? { grants[key]?.record }

    package func records(_ query: RecordQuery) throws(StoreError) -> RecordPage {
        let matching = grants.values.map(\.record).filter { record in
            (query.toolID == nil || query.toolID == record.toolID)
                && (query.userID == nil || query.userID == record.userID)
                && (query.status == nil || query.status == record.status.name)
                && query.after.map { $0 < record.key } ?? true
        }.sorted { $0.key < $1.key }
        return RecordPage(records: Array(matching.prefix(query.limit)), hasMore: matching.count > query.limit)
    }

    package func counts() throws(StoreError) -> [ToolID: StatusCounts] {
        var counts: [ToolID: StatusCounts] = [:]
        for toolAuth in grants.values {
            switch toolAuth.record.status {
            case .healthy: counts[toolAuth.key.toolID, default: StatusCounts()].healthy += 1
            case .degraded: counts[toolAuth.key.toolID, default: StatusCounts()].degraded += 1
            case .needsReauthorization: counts[toolAuth.key.toolID, default: StatusCounts()].needsReauthorization += 1
            }
        }
        return counts
    }

    // MARK: Due

    package func scan(_ limits: [ToolID: Int], now: Timestamp) throws(StoreError) -> [ToolID: DueScan] {
        var scans: [ToolID: DueScan] = [:]
        for (tool, limit) in limits {
            let rows = grants.values.compactMap { toolAuth -> DueRecord? in
                guard toolAuth.key.toolID == tool, let dueAt = toolAuth.record.dueAt else { return nil }
                return DueRecord(key: toolAuth.key, dueAt: dueAt, expiresAt: toolAuth.record.expiresAt)
            }.sorted {
                ($0.dueAt, $0.expiresAt ?? .distantPast, $0.key) < ($1.dueAt, $1.expiresAt ?? .distantPast, $1.key)
            }
            let due = Array(rows.prefix { $0.dueAt <= now }.prefix(limit))
            scans[tool] = DueScan(
                due: due, nextDueAt: rows.dropFirst(due.count).first?.dueAt,
                scheduled: min(rows.count, DueScan.countLimit))
        }
        return scans
    }

    package func dueCount(of tools: [ToolID], now: Timestamp) throws(StoreError) -> Int {
        grants.values.filter { tools.contains($0.key.toolID) && $0.record.dueAt.map { $0 <= now } ?? false }.count
    }

    package func nextExpiries(of tools: [ToolID]) throws(StoreError) -> [ToolID: Timestamp] {
        let scheduled = grants.values.filter { $0.record.dueAt != nil }
        return Dictionary(
            scheduled.compactMap { grant in grant.record.expiresAt.map { (grant.key.toolID, $0) } }
                .filter { tools.contains($0.0) },
            uniquingKeysWith: min)
    }

    package func openAttempts() throws(StoreError) -> [ToolAuthKey] {
        grants.values.filter { $0.record.attempt != nil }.map(\.key).sorted()
    }

    package func revise(
        _ toolID: ToolID, after: UserID?, limit: Int, _ change: @escaping @Sendable (inout ToolAuthRecord) -> Bool
    ) throws(StoreError) -> RevisedPage {
        try write()
        let keys = grants.keys.filter { key in key.toolID == toolID && after.map { $0 < key.userID } ?? true }.sorted()
        let page = keys.prefix(limit)
        let changed = page.compactMap { revised($0, change) }
        return RevisedPage(
            last: page.count < limit ? nil : page.last?.userID, changed: changed.count,
            nextDueAt: changed.compactMap(\.dueAt).min())
    }

    package func revise(
        _ key: ToolAuthKey, _ change: @escaping @Sendable (inout ToolAuthRecord) -> Bool
    ) throws(StoreError) -> ToolAuthRecord? {
        try write()
        return revised(key, change) ?? grants[key]?.record
    }

    private func revised(_ key: ToolAuthKey, _ change: (inout ToolAuthRecord) -> Bool) -> ToolAuthRecord? {
        guard var record = grants[key]?.record, record.attempt == nil, change(&record) else { return nil }
        grants[key]?.record = record
        return record
    }

    // MARK: Tools

    package func toolStates() throws(StoreError) -> [ToolID: ToolState] { states }

    package func setPause(_ toolID: ToolID, _ pause: ToolPause?) throws(StoreError) {
        try write()
        states[toolID, default: ToolState()].pause = pause
    }

    package func setPlan(_ toolID: ToolID, _ plan: String) throws(StoreError) {
        try write()
        states[toolID, default: ToolState()].plan = plan
    }

    package func bindings() throws(StoreError) -> [ToolID: [TokenBinding: Int]] {
        var bindings: [ToolID: [TokenBinding: Int]] = [:]
        for record in grants.values.map(\.record) {
            let binding = TokenBinding(clientID: record.clientID, tokenOrigin: record.tokenOrigin)
            bindings[record.toolID, default: [:]][binding, default: 0] += 1
        }
        return bindings
    }

    package func moveTokens(
        of toolID: ToolID, from origin: String, to successor: String
    ) throws(StoreError) {
        try write()
        for (key, toolAuth) in grants where key.toolID == toolID && toolAuth.record.tokenOrigin == origin {
            grants[key]?.record.tokenOrigin = successor
        }
    }

    // MARK: Ownership

    package nonisolated var hold: StoreHold? { standing.withLock { $0.hold } }
    package nonisolated var lastWriteAt: Timestamp? { standing.withLock { $0.lastWriteAt } }

    package nonisolated var lastBoot: BootReference? { nil }
    package private(set) var notedBoot: BootReference?

    package func noteBoot(_ boot: BootReference) throws(StoreError) {
        try write()
        notedBoot = boot
    }

    package func resume() throws(StoreError) {
        try write()
        standing.withLock { $0.hold = nil }
    }

    // MARK: Refreshing

    package func claim(_ key: ToolAuthKey, _ attempt: Attempt) throws(StoreError) -> ToolAuth? {
        try write()
        guard grants[key] != nil else { return nil }
        claims.append(attempt)
        grants[key]?.record.attempt = attempt
        return grants[key]
    }

    package func commit(
        _ toolAuth: ToolAuth, ending attempt: String?, ifGeneration generation: Int64, tokensChanged: Bool
    ) async throws(StoreError) -> CommitResult {
        await commitHook?()
        try write()
        guard let present = grants[toolAuth.key], present.record.generation == generation,
            present.record.attempt?.id == attempt
        else { return .superseded(grants[toolAuth.key]) }
        var next = toolAuth
        next.record.attempt = nil
        if tokensChanged {
            next.record.generation = nextGeneration()
        } else {
            next.accessToken = present.accessToken
            next.refreshToken = present.refreshToken
            (next.record.clientID, next.record.tokenOrigin) = (present.record.clientID, present.record.tokenOrigin)
        }
        grants[toolAuth.key] = next
        commits += 1
        return .stored(next)
    }

    // MARK: Connecting, importing, deleting

    package func put(_ toolAuth: ToolAuth, _ precondition: Precondition) throws(StoreError) -> PutResult {
        try write()
        let former = grants[toolAuth.key]?.record
        guard precondition.holds(for: former) else { return .mismatch(former) }
        var next = toolAuth
        next.record.generation = nextGeneration()
        next.record.attempt = nil
        grants[toolAuth.key] = next
        return former.map { .replaced(next.record, former: $0) } ?? .created(next.record)
    }

    package func delete(
        _ key: ToolAuthKey, _ precondition: Precondition, revocationDeadline: Timestamp?, now: Timestamp
    ) throws(StoreError) -> DeleteResult {
        try write()
        guard let former = grants[key] else { return .notFound }
        guard precondition.holds(for: former.record) else { return .mismatch(former.record) }
        grants[key] = nil
        if let revocationDeadline { try enqueueRevocation(former, deadline: revocationDeadline, now: now) }
        return .deleted(former.record)
    }

    // MARK: Pending authorizations

    package func begin(_ pending: PendingAuthorization, perRecord: Int, inAll: Int) throws(StoreError) -> Bool {
        try write()
        let open = flows.values.filter { !$0.used }
        guard open.count < inAll else { return false }
        let ofRecord = open.filter { $0.pending.key == pending.key }.sorted {
            $0.pending.createdAt < $1.pending.createdAt
        }
        for flow in ofRecord.prefix(max(0, ofRecord.count - perRecord + 1)) { flows[flow.pending.id] = nil }
        let summary = AuthorizationSummary(
            id: pending.id, key: pending.key, status: .pending, error: nil, expiresAt: pending.expiresAt)
        flows[pending.id] = (pending, summary, false)
        return true
    }

    package func consume(state: Secret, now: Timestamp) throws(StoreError) -> Consumption {
        try write()
        guard let flow = flows.values.first(where: { $0.pending.state == state }) else { return .unknown }
        if flow.used { return .used }
        if flow.pending.expiresAt <= now { return .expired }
        flows[flow.pending.id]?.used = true
        return .pending(flow.pending)
    }

    package func finish(
        authorization id: String, _ status: AuthorizationStatus, error: String?, keepUntil: Timestamp
    ) throws(StoreError) {
        try write()
        flows[id]?.summary.status = status
        flows[id]?.summary.error = error
    }

    package func authorization(_ id: String, now: Timestamp) throws(StoreError) -> AuthorizationSummary? {
        guard var summary = flows[id]?.summary else { return nil }
        if summary.status == .pending, summary.expiresAt <= now { summary.status = .expired }
        return summary
    }

    package func cancel(authorization id: String) throws(StoreError) -> Bool {
        try write()
        return flows.removeValue(forKey: id) != nil
    }

    package func purgeAuthorizations(now: Timestamp, keepExpiredFor: Duration) throws(StoreError) {
        try write()
        flows = flows.filter { $0.value.pending.expiresAt + keepExpiredFor > now }
    }

    // MARK: Revocations

    package func enqueueRevocation(_ toolAuth: ToolAuth, deadline: Timestamp, now: Timestamp) throws(StoreError) {
        try write()
        lastRevocation += 1
        revocations[lastRevocation] = (toolAuth, now, 0, deadline)
    }

    package func dueRevocations(now: Timestamp, limit: Int) throws(StoreError) -> [QueuedRevocation] {
        let due = revocations.filter { $0.value.dueAt <= now }.sorted { $0.key < $1.key }.prefix(limit)
        return due.map { id, queued in
            QueuedRevocation(
                id: id, toolAuth: queued.toolAuth, attempts: queued.attempts, deadline: queued.deadline)
        }
    }

    package func nextRevocation() throws(StoreError) -> Timestamp? { revocations.values.map(\.dueAt).min() }

    package func postponeRevocation(_ id: Int64, until: Timestamp) throws(StoreError) {
        try write()
        revocations[id]?.dueAt = until
        revocations[id]?.attempts += 1
    }

    package func removeRevocation(_ id: Int64) throws(StoreError) {
        try write()
        revocations[id] = nil
    }

    // MARK: Health

    package func probe() throws(StoreError) {}
    package func probeWrites() throws(StoreError) {}
    package func close() throws(StoreError) {}
}

extension Precondition {
    fileprivate func holds(for record: ToolAuthRecord?) -> Bool {
        switch self {
        case .none: true
        case .absent: record == nil
        case .generation(let generation): record?.generation == generation
        }
    }
}
