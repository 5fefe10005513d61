import GRDB
import ToolAuthCore

/// Runs the writes of many callers in common transactions, so that an fsync serves all that came while the last one ran.
///
/// A write that fails, fails alone: all of them are tried again then, with a savepoint for each, and if that does not help, as
/// where the common COMMIT fails, one by one. If the transaction cannot begin, as when another process holds the database, all
/// have failed. A caller is answered only after a COMMIT that held his write has returned.
final class GroupCommit: Sendable {
    /// The most writes in one transaction; bounds how long the first of them waits.
    static let largestGroup = 512

    private struct State {
        var waiting: [Write] = []
        /// Those who want to know that the writer is alive.
        var asking: [Answer] = []
        var isDraining = false
        var isClosed = false
        /// Whether the log still holds what was deleted.
        var hasErased = false
    }

    private let pool: DatabasePool
    private let onCommit: @Sendable (Int) -> Void
    private let state = Locked(State())

    /// - Parameter onCommit: told after each transaction, on the writer's queue, how many writes it held.
    init(_ pool: DatabasePool, onCommit: @escaping @Sendable (Int) -> Void) {
        self.pool = pool
        self.onCommit = onCommit
    }

    /// Runs `body` inside a transaction and returns once it is durable.
    ///
    /// - Parameters:
    ///   - erases: Whether it deletes secrets, whose sealed bytes must then leave the write-ahead log too.
    ///   - body: May run more than once, each time on a database that does not show the runs before.
    func perform<Value: Sendable>(
        erases: Bool = false, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            let write = Write(erases: erases) { db in
                let value = try body(db)
                return { continuation.resume(returning: .success(value)) }
            } fail: {
                continuation.resume(returning: .failure($0))
            }
            if !enqueue({ $0.waiting.append(write) }) { write.fail(.closed) }
        }
        return try result.get()
    }

    /// Returns when the writer comes by: at once where it is idle, after the transaction under way where it is busy, never
    /// where it hangs. Writes nothing.
    ///
    /// - Throws: ``StoreError/closed``.
    func turn() async throws(StoreError) {
        let isOpen = await withCheckedContinuation { continuation in
            let isOpen = enqueue { $0.asking.append { continuation.resume(returning: true) } }
            if !isOpen { continuation.resume(returning: false) }
        }
        if !isOpen { throw .closed }
    }

    /// Refuses writes from now on; those already accepted run before anything asked of the writer afterwards.
    ///
    /// - Returns: false if it was closed already.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    /// How many writes wait for a transaction.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// - Returns: false if it is closed, and nothing was added.
    private func enqueue(_ add: (inout State) -> Void) -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            add(&state)
            if !state.isDraining {
                state.isDraining = true
                // Inside the lock: a close that comes later then finds this before its own work in the writer's queue.
                pool.asyncWriteWithoutTransaction { self.drain($0) }
            }
            return true
        }
    }

    private func drain(_ db: Database) {
        while let (group, asking) = next() {
            for answer in asking { answer() }
            if !group.isEmpty { commit(group, db) }
        }
        eraseLog(db)
    }

    /// - Returns: nil: there is nothing to do, and the next write begins another drain.
    private func next() -> (group: [Write], asking: [Answer])? {
        state.withLock { state in
            let group = Array(state.waiting.prefix(Self.largestGroup))
            let asking = state.asking
            if group.isEmpty, asking.isEmpty {
                state.isDraining = false
                return nil
            }
            state.waiting.removeFirst(group.count)
            state.asking = []
            return (group, asking)
        }
    }

    /// - Parameter usesSavepoints: Whether what a write did can be undone without the others. Hardly ever must it be, and a
    ///   savepoint costs as much as a statement of the write itself.
    private func commit(_ group: [Write], usesSavepoints: Bool = false, _ db: Database) {
        do {
            try db.beginTransaction(.immediate)
        } catch {
            // No write is to blame: alone, each would wait as long for the same.
            let failure = StoreError(error, file: pool.path)
            for write in group { write.fail(failure) }
            return
        }
        let answers: [Answer]
        do {
            answers = try finishTransaction(group, usesSavepoints: usesSavepoints, db)
        } catch {
            if group.count == 1 {
                group[0].fail(StoreError(error, file: pool.path))
            } else if usesSavepoints {
                for write in group { commit([write], db) }
            } else {
                commit(group, usesSavepoints: true, db)
            }
            return
        }
        if group.contains(where: \.erases) { state.withLock { $0.hasErased = true } }
        onCommit(group.count)
        for answer in answers { answer() }
    }

    /// The rest of a transaction that has begun: nothing of it is stored if this throws.
    private func finishTransaction(_ group: [Write], usesSavepoints: Bool, _ db: Database) throws -> [Answer] {
        do {
            let answers = try group.map { try usesSavepoints ? attempt($0, db) : $0.run(db) }
            try db.commit()
            return answers
        } catch {
            // SQLite itself has rolled back after some errors, a full disk among them.
            if db.isInsideTransaction { try? db.rollback() }
            throw error
        }
    }

    /// - Throws: if the whole transaction is lost; a failure of the write alone is its answer.
    private func attempt(_ write: Write, _ db: Database) throws -> Answer {
        try db.run(.begin)
        do {
            let answer = try write.run(db)
            try db.run(.release)
            return answer
        } catch {
            // SQLite itself has rolled back after some errors.
            guard db.isInsideTransaction else { throw error }
            try db.run(.rollBack)
            try db.run(.release)
            let failure = StoreError(error, file: pool.path)
            return { write.fail(failure) }
        }
    }

    /// Deleted tokens are zeroed in the database, but older pages of it lie in the log until that is cut. A reader under
    /// way may prevent that; then the next pause after a write tries again, and closing does it last.
    private func eraseLog(_ db: Database) {
        guard state.withLock({ $0.hasErased }) else { return }
        // It would wait for the reader, and all writes with it: a backup reads for as long as it takes.
        guard (try? StoreConnections.withoutWaiting(db) { try db.checkpoint(.truncate) }) != nil else { return }
        state.withLock { $0.hasErased = false }
    }
}
