import GRDB
import ToolAuthCore

@testable import SQLiteStore

/// Counts what happens on other threads.
final class Counter: Sendable {
    private let values = Locked<[Int]>([])

    func increment(by amount: Int = 1) { values.withLock { $0.append(amount) } }
    /// How often.
    var value: Int { values.withLock { $0.count } }
    /// How much.
    var amounts: [Int] { values.withLock { $0 } }
}

extension SQLiteTokenStore {
    func strings(_ sql: String) throws -> [String] {
        try pool.writeWithoutTransaction { try String.fetchAll($0, sql: sql) }
    }

    /// The steps by which SQLite answers a statement.
    func plan(_ sql: String, _ arguments: StatementArguments) throws -> [String] {
        try pool.writeWithoutTransaction { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: arguments).map { $0["detail"] as String }
        }
    }

    func plan(_ sql: String, _ arguments: [Int]) throws -> [String] {
        try plan(sql, StatementArguments(arguments))
    }
}
