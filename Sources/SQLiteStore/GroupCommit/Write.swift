import GRDB
import ToolAuthCore

/// Tells a caller how his write ended.
typealias Answer = @Sendable () -> Void

/// A write of one caller, waiting for its transaction.
struct Write: Sendable {
    /// Whether it deletes secrets.
    let erases: Bool
    /// Does the work and returns the answer to give once that is committed.
    let run: @Sendable (Database) throws -> Answer
    let fail: @Sendable (StoreError) -> Void

    init(
        erases: Bool, run: @escaping @Sendable (Database) throws -> Answer,
        fail: @escaping @Sendable (StoreError) -> Void
    ) {
        self.erases = erases
        self.run = run
        self.fail = fail
    }
}

extension StoreError {
    /// The answer to whatever comes after `close()`.
    static let closed = StoreError(.notAccessible, "The store is closed: toolauthd is stopping.")
}
