import Dispatch
import GRDB
import TestSupport
import Testing
import ToolAuthCore

@testable import SQLiteStore

@Suite struct GroupCommitTests {
    private let directory: TemporaryDirectory
    private let commits = Counter()
    private let store: SQLiteTokenStore

    init() async throws {
        directory = try TemporaryDirectory()
        let commits = self.commits
        store = try await SQLiteTokenStore.open(in: directory) { commits.increment(by: $0) }
        try store.sql(
            """
            CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (
                id INTEGER PRIMARY KEY, parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED CHECK (parent <> 13));
            INSERT INTO parent VALUES (1)
            """)
    }

    /// Starts writes while the writer is held, so that all of them wait, then lets it go.
    private func together<Value: Sendable>(
        _ count: Int, _ write: @escaping @Sendable (Int) async -> Value
    ) async -> [Int: Value] {
        let writer = HeldWriter()
        await writer.hold(store)
        return await withTaskGroup(of: (Int, Value).self) { group in
            for index in 0..<count { group.addTask { (index, await write(index)) } }
            while store.writes.waitingCount < count { await Task.yield() }
            writer.release()
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func insert(child: Int, parent: Int) async -> StoreError? {
        do throws(StoreError) {
            try await store.writes.perform { db in
                // Two rows, so that a failure of the second has something to undo.
                try db.execute(sql: "INSERT INTO parent VALUES (?)", arguments: [1000 + child])
                try db.execute(sql: "INSERT INTO child VALUES (?, ?)", arguments: [child, parent])
            }
            return nil
        } catch {
            return error
        }
    }

    @Test("while a reader keeps the log from being cut, deletions hold up no write", .timeLimit(.minutes(1)))
    func deletionsBesideReader() async throws {
        let (begun, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let users = try (0..<40).map { try key("gmail", "user\($0)") }
        for user in users { _ = try await store.put(grant(user), .none) }
        store.pool.asyncRead { reader in
            _ = try? reader.get().execute(sql: "SELECT count(*) FROM tool_auths")
            begun.signal()
            end.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                begun.wait()
                continuation.resume()
            }
        }
        // Were each to wait as long as for a lock, all of them would take minutes.
        for user in users { _ = try await store.delete(user, .none, revocationDeadline: nil, now: .at(1)) }
        end.signal()
        #expect(try await store.counts()[try required(ToolID("gmail"))]?.total ?? 0 == 0)
        let wait = try await store.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA busy_timeout") }
        #expect(wait == 5000)
    }

    @Test("writes that come together share one transaction, and all are stored")
    func shared() async throws {
        let results = await together(300) { index in
            guard let key = try? key("gmail", "user\(index)") else { return false }
            return (try? await store.put(grant(key))) != nil
        }
        #expect(results.values.allSatisfy { $0 })
        #expect(commits.amounts == [300])
        #expect(try await store.counts()[try required(ToolID("gmail"))]?.total == 300)
        try await store.close()
    }

    @Test("refreshes that come together share their claims and their commits, each with its own generation")
    func refreshes() async throws {
        let keys = try (0..<100).map { try key("gmail", "user\($0)") }
        for key in keys { _ = try await store.put(grant(key)) }
        let before = commits.value
        let claims = await together(100) { index in
            try? await store.claim(keys[index], Attempt(id: "a\(index)", startedAt: .at(1)))
        }
        let ends = await together(100) { index -> Int64? in
            guard let claimed = claims[index] ?? nil else { return nil }
            let result = try? await store.commit(
                claimed, ending: "a\(index)", ifGeneration: claimed.record.generation, tokensChanged: true)
            return result?.stored?.record.generation
        }
        #expect(commits.value - before == 2)
        #expect(Set(ends.values.compactMap { $0 }).count == 100)
        try await store.close()
    }

    @Test("a transaction holds a bounded number of writes")
    func bounded() async throws {
        let results = await together(GroupCommit.largestGroup + 10) { await insert(child: $0, parent: 1) }
        #expect(results.values.allSatisfy { $0 == nil })
        #expect(commits.amounts == [GroupCommit.largestGroup, 10])
        try await store.close()
    }

    @Test("a write that fails, fails alone")
    func failsAlone() async throws {
        let results = await together(10) { await insert(child: $0, parent: $0 == 4 ? 13 : 1) }
        for (index, error) in results { #expect((error != nil) == (index == 4)) }
        #expect(results[4]??.code == .misuse)
        #expect(commits.amounts == [10])
        #expect(try store.strings("SELECT id FROM child") == ["0", "1", "2", "3", "5", "6", "7", "8", "9"])
        #expect(try store.strings("SELECT id FROM parent WHERE id = 1004").isEmpty)
        try await store.close()
    }

    @Test("a write that makes the COMMIT fail, fails alone: the others are tried one by one")
    func commitFails() async throws {
        let results = await together(10) { await insert(child: $0, parent: $0 == 4 ? 99 : 1) }
        for (index, error) in results { #expect((error != nil) == (index == 4)) }
        #expect(commits.amounts == [Int](repeating: 1, count: 9))
        #expect(try store.strings("SELECT id FROM child") == ["0", "1", "2", "3", "5", "6", "7", "8", "9"])
        try await store.close()
    }

    @Test("a write that loses the whole transaction, fails alone: the others are tried one by one")
    func transactionLost() async throws {
        let results = await together(5) { index -> StoreError? in
            if index != 2 { return await insert(child: index, parent: 1) }
            do throws(StoreError) {
                // As SQLite does by itself after some errors.
                try await store.writes.perform { try $0.execute(sql: "INSERT OR ROLLBACK INTO child VALUES (50, 13)") }
                return nil
            } catch {
                return error
            }
        }
        for (index, error) in results { #expect((error != nil) == (index == 2)) }
        #expect(try store.strings("SELECT id FROM child") == ["0", "1", "3", "4"])
        try await store.close()
    }

    @Test("where the transaction cannot begin, all fail at once and none is tried alone", .timeLimit(.minutes(1)))
    func cannotBegin() async throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: "\(directory.path)/toolauthd.db", configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        // They come together: the first waits for the lock while the others come. One by one, each would wait as long.
        let errors = await withTaskGroup(of: StoreError?.self) { group in
            for child in 0..<50 { group.addTask { await insert(child: child, parent: 1) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors.count == 50)
        #expect(errors.allSatisfy { $0?.code == .inUse }, "\(errors)")
        #expect(commits.amounts.isEmpty)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try other.close()
        #expect(await insert(child: 1, parent: 1) == nil)
        try await store.close()
    }

    @Test("who only asks whether the writer turns waits for what hangs, and no longer; nothing is committed for him")
    func turns() async throws {
        try await store.writes.turn()
        let writer = HeldWriter()
        await writer.hold(store)
        let hasTurned = Locked(false)
        let asking = Task { [store] in
            try await store.writes.turn()
            hasTurned.withLock { $0 = true }
        }
        // Read connections do not wait for the writer.
        for _ in 0..<100 {
            try await store.probe()
            await Task.yield()
        }
        #expect(!hasTurned.withLock { $0 })
        writer.release()
        try await asking.value
        #expect(commits.amounts.isEmpty)
        try await store.close()
        await #expect(throws: StoreError.closed) { try await store.writes.turn() }
    }

    @Test("whoever asks gets his turn between the transactions of those who never stop writing")
    func turnsWhileBusy() async throws {
        let over = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask { [self] in
                    var child = writer * 1_000_000
                    while over.value == 0 {
                        if let error = await insert(child: child, parent: 1) { throw error }
                        child += 1
                    }
                }
            }
            while commits.value < 8 { await Task.yield() }
            for _ in 0..<20 { try await store.writes.turn() }
            over.increment()
            try await group.waitForAll()
        }
        try await store.close()
    }

    @Test("a caller is answered when his write is committed, not before")
    func answeredAfterCommit() async throws {
        _ = try await store.put(grant(try key("gmail", "alice")))
        // A connection of its own sees committed data only.
        let other = try DatabaseQueue(path: "\(directory.path)/toolauthd.db")
        #expect(try await other.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM tool_auths") } == 1)
        try other.close()
        try await store.close()
    }

    @Test("cancelling a caller's task changes nothing")
    func cancelled() async throws {
        let key = try key("gmail", "alice")
        let task = Task { [store] in
            while !Task.isCancelled { await Task.yield() }
            let put = try await store.put(grant(key))
            return (put, try await store.load(key))
        }
        task.cancel()
        let (put, loaded) = try await task.value
        #expect(loaded?.record == put)
        try await store.close()
    }
}
