import GRDB

/// What is done with the savepoint of a write: statements that are kept, unlike those of `inSavepoint`, which are made anew
/// for each write.
enum Savepoint: String {
    case begin = "SAVEPOINT write"
    /// Its changes stay, as part of the transaction.
    case release = "RELEASE write"
    /// Undoes the changes; the savepoint itself is there until its release.
    case rollBack = "ROLLBACK TO write"
}

extension Database {
    func run(_ savepoint: Savepoint) throws {
        try cachedStatement(sql: savepoint.rawValue).execute()
    }
}
