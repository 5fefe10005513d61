import GRDB
import ToolAuthCore

/// The grants loaded last, opened, without their refresh tokens: reading the same token again costs no statement, no
/// decryption and no change of threads.
///
/// Never older than what is committed: SQLite tells which rows a transaction changed, and those are forgotten before it
/// commits. What was read beside a commit is not remembered, as it may be from before it.
///
/// Memory is bounded: grants are remembered in two halves; when the younger is full, the older is forgotten.
final class RecentGrants: TransactionObserver, Sendable {
    /// When a read began; see ``remember(_:rowID:since:)``.
    struct Ticket: Sendable {
        fileprivate let commits: UInt64
    }

    private struct State: Sendable {
        var younger: [ToolAuthKey: ToolAuth] = [:]
        var older: [ToolAuthKey: ToolAuth] = [:]
        var rows: [Int64: ToolAuthKey] = [:]
        /// Rows changed in the transaction under way.
        var changed: Set<Int64> = []
        /// How many transactions ended.
        var commits: UInt64 = 0
        var isCommitting = false
    }

    private let halfCapacity: Int
    private let state = Locked(State())

    /// - Parameter capacity: how many grants are remembered at most; at least 2.
    init(capacity: Int = 4096) {
        halfCapacity = max(1, capacity / 2)
    }

    /// The grant if it was loaded lately and has not changed since; without its refresh token.
    func grant(_ key: ToolAuthKey) -> ToolAuth? {
        state.withLock { state in
            if let grant = state.younger[key] { return grant }
            guard let grant = state.older.removeValue(forKey: key) else { return nil }
            insert(grant, key, &state)
            return grant
        }
    }

    /// To be drawn before a read begins.
    func ticket() -> Ticket { Ticket(commits: state.withLock { $0.commits }) }

    /// Takes note of a grant that was read, unless something was committed since `ticket` was drawn.
    func remember(_ toolAuth: ToolAuth, rowID: Int64, since ticket: Ticket) {
        guard let accessToken = toolAuth.accessToken else { return }
        state.withLock { state in
            guard state.commits == ticket.commits, !state.isCommitting else { return }
            state.older[toolAuth.key] = nil
            state.rows[rowID] = toolAuth.key
            insert(
                ToolAuth(record: toolAuth.record, accessToken: accessToken, refreshToken: nil), toolAuth.key, &state)
        }
    }

    private func insert(_ grant: ToolAuth, _ key: ToolAuthKey, _ state: inout State) {
        if state.younger.count >= halfCapacity, state.younger[key] == nil {
            state.older = state.younger
            state.younger = [:]
            let kept = state.older
            state.rows = state.rows.filter { kept[$0.value] != nil || $0.value == key }
        }
        state.younger[key] = grant
    }

    /// How many grants are remembered; never more than the capacity.
    var count: Int { state.withLock { $0.younger.count + $0.older.count } }

    // MARK: What SQLite tells, on the writer's queue

    func observes(eventsOfKind kind: DatabaseEventKind) -> Bool { kind.tableName == "tool_auths" }

    func databaseDidChange(with event: DatabaseEvent) {
        state.withLock { _ = $0.changed.insert(event.rowID) }
    }

    /// Before readers can see the transaction, so that nobody who saw it is then shown what was there before.
    func databaseWillCommit() {
        state.withLock { state in
            state.isCommitting = true
            forgetChanged(&state)
        }
    }

    func databaseDidCommit(_ db: Database) {
        end()
    }

    func databaseDidRollback(_ db: Database) {
        // Nothing changed; but whatever went wrong, to read once more than needed is never wrong.
        end()
    }

    private func end() {
        state.withLock { state in
            forgetChanged(&state)
            state.commits += 1
            state.isCommitting = false
        }
    }

    private func forgetChanged(_ state: inout State) {
        for row in state.changed {
            guard let key = state.rows.removeValue(forKey: row) else { continue }
            state.younger[key] = nil
            state.older[key] = nil
        }
        state.changed = []
    }
}
