import ToolAuthCore

@testable import Refresh

/// What is on disk, and how it answers: the semantics of `TokenStore` without time. Survives crashes as it is.
final class SimulatedStore {
    /// What a run leaves out on purpose, to show that it would be noticed.
    enum Sabotage: String, CaseIterable {
        /// Attempts are not written down before their request leaves.
        case claim
        /// A result is stored over whatever came between.
        case compareAndSet
        /// A refused grant is declared dead without another look at what is stored.
        case reread
        /// Whoever asks gets an attempt of his own.
        case join
    }

    private(set) var grants: [ToolAuthKey: ToolAuth] = [:]
    /// The index of what is due.
    private var schedule: [ToolID: [ToolAuthKey: DueRecord]] = [:]
    private(set) var states: [ToolID: ToolState] = [:]
    private(set) var revocations: [ToolAuth] = []
    private(set) var lastWriteAt: Timestamp?
    private(set) var boot: BootReference?
    private var generation: Int64 = 0
    let sabotage: Sabotage?

    /// Why writes fail now; nil: they do not.
    var failure: StoreError?
    /// The one record that cannot be written; nil: all can.
    var unwritable: ToolAuthKey?

    init(sabotage: Sabotage?) {
        self.sabotage = sabotage
    }

    private func check(_ key: ToolAuthKey?) throws(StoreError) {
        if let failure { throw failure }
        if let key, key == unwritable { throw StoreError(.misuse, "a record that cannot be written") }
    }

    private func set(_ key: ToolAuthKey, _ toolAuth: ToolAuth?) {
        grants[key] = toolAuth
        schedule[key.toolID, default: [:]][key] = toolAuth.flatMap { toolAuth in
            toolAuth.record.dueAt.map { DueRecord(key: key, dueAt: $0, expiresAt: toolAuth.record.expiresAt) }
        }
    }

    func noteBoot(_ boot: BootReference) throws(StoreError) {
        try check(nil)
        self.boot = boot
    }

    private func wrote(at now: Timestamp) { lastWriteAt = max(lastWriteAt ?? now, now) }

    // MARK: Reading

    var openAttempts: [ToolAuthKey] { grants.values.filter { $0.record.attempt != nil }.map(\.key).sorted() }

    func scan(_ limits: [ToolID: Int], now: Timestamp) -> [ToolID: DueScan] {
        var scans: [ToolID: DueScan] = [:]
        for (tool, limit) in limits {
            let rows = schedule[tool] ?? [:]
            let all = rows.values.filter { $0.dueAt <= now }.sorted {
                ($0.dueAt, $0.expiresAt ?? .distantFuture, $0.key) < ($1.dueAt, $1.expiresAt ?? .distantFuture, $1.key)
            }
            let due = Array(all.prefix(limit))
            let next = all.count > limit ? all[limit].dueAt : rows.values.lazy.map(\.dueAt).filter { $0 > now }.min()
            scans[tool] = DueScan(due: due, nextDueAt: next, scheduled: min(rows.count, DueScan.countLimit))
        }
        return scans
    }

    // MARK: Writing

    func claim(_ key: ToolAuthKey, _ attempt: Attempt) throws(StoreError) -> ToolAuth? {
        try check(key)
        guard var toolAuth = grants[key] else { return nil }
        toolAuth.record.attempt = attempt
        if sabotage != .claim { set(key, toolAuth) }
        wrote(at: attempt.startedAt)
        return toolAuth
    }

    func commit(_ pending: PendingCommit, now: Timestamp) throws(StoreError) -> CommitResult {
        try check(pending.key)
        guard let present = grants[pending.key] else { return .superseded(nil) }
        let isCurrent =
            present.record.generation == pending.generation
            && (sabotage == .claim || present.record.attempt?.id == pending.attempt)
        guard isCurrent || isBlind(pending) else { return .superseded(present) }
        var next = pending.settlement.toolAuth
        next.record.attempt = nil
        if pending.settlement.tokensChanged {
            generation += 1
            next.record.generation = generation
        } else {
            next.accessToken = present.accessToken
            next.refreshToken = present.refreshToken
            next.record.generation = present.record.generation
        }
        set(pending.key, next)
        wrote(at: now)
        return .stored(next)
    }

    private func isBlind(_ pending: PendingCommit) -> Bool {
        switch sabotage {
        case .compareAndSet: true
        case .reread: pending.settlement.toolAuth.record.status.reason != nil
        case .claim, .join, nil: false
        }
    }

    func put(_ toolAuth: ToolAuth, now: Timestamp) {
        generation += 1
        var next = toolAuth
        next.record.generation = generation
        next.record.attempt = nil
        set(toolAuth.key, next)
        wrote(at: now)
    }

    func delete(_ key: ToolAuthKey) { set(key, nil) }

    func revise(
        _ tool: ToolID, after: UserID?, limit: Int, _ change: (inout ToolAuthRecord) -> Bool
    ) throws(StoreError) -> RevisedPage {
        try check(nil)
        let users = grants.keys.filter { key in key.toolID == tool && (after.map { $0 < key.userID } ?? true) }
            .sorted()
        let page = users.prefix(limit)
        var changed = 0
        var nextDueAt: Timestamp?
        for key in page {
            guard var toolAuth = grants[key], toolAuth.record.attempt == nil else { continue }
            guard change(&toolAuth.record) else { continue }
            changed += 1
            set(key, toolAuth)
            if let dueAt = toolAuth.record.dueAt { nextDueAt = min(nextDueAt ?? dueAt, dueAt) }
        }
        return RevisedPage(
            last: users.count > page.count ? page.last?.userID : nil, changed: changed, nextDueAt: nextDueAt)
    }

    func setPlan(_ tool: ToolID, _ plan: String) throws(StoreError) {
        try check(nil)
        states[tool, default: ToolState()].plan = plan
    }

    func setPause(_ tool: ToolID, _ pause: ToolPause?) throws(StoreError) {
        try check(nil)
        states[tool, default: ToolState()].pause = pause
    }

    func revoke(_ toolAuth: ToolAuth) throws(StoreError) {
        try check(nil)
        revocations.append(toolAuth)
    }
}
