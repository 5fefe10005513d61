import Dispatch
import GRDB

@testable import SQLiteStore

/// Keeps the writer of a store busy until it is let go.
final class HeldWriter: Sendable {
    private let end = DispatchSemaphore(value: 0)

    /// Returns once the writer has run `sql` in a transaction, which is rolled back in the end.
    func hold(_ store: SQLiteTokenStore, _ sql: String = "SELECT 1") async {
        await withCheckedContinuation { continuation in
            store.pool.asyncWriteWithoutTransaction { [end] db in
                try? db.inTransaction(.immediate) {
                    try db.execute(sql: sql)
                    continuation.resume()
                    end.wait()
                    return .rollback
                }
            }
        }
    }

    func release() { end.signal() }
}
