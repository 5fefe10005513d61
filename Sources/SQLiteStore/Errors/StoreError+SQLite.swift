import GRDB
import ToolAuthCore

extension StoreError {
    /// What an error of SQLite means to the administrator.
    ///
    /// - Parameter file: The database it came from.
    init(_ error: any Error, file: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self.init(sqlite: error, file: file)
        default:
            // A column that does not hold what the schema promises.
            self.init(.corrupt, "\(file) holds a value of the wrong kind. Restore it from a backup.")
        }
    }

    private init(sqlite error: DatabaseError, file: String) {
        let reason = "\(error.message ?? "no message"), SQLite code \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.io, "The disk that holds \(file) is full. Make room; nothing needs a restart. (\(reason))")
        case .SQLITE_IOERR:
            self.init(
                .io,
                "Reading or writing \(file) failed. Look for disk errors or a full disk: journalctl -k. (\(reason))")
        case .SQLITE_CORRUPT:
            self.init(.corrupt, "\(file) is damaged. Restore it from a backup. (\(reason))")
        case .SQLITE_NOTADB:
            self.init(
                .corrupt, "\(file) is not a SQLite database. Restore it from a backup, or move it away. (\(reason))")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
            self.init(
                .notAccessible,
                "\(file) cannot be opened or written. Look at the permissions of it and its directory. (\(reason))")
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            self.init(.inUse, "\(file) is locked by another program. End it: fuser \(file). (\(reason))")
        case .SQLITE_NOMEM:
            self.init(.io, "There was no memory left to work on \(file). (\(reason))")
        default:
            self.init(.misuse, "A statement failed on \(file); this is a fault of toolauthd. (\(reason))")
        }
    }

    /// An error of the system, named by what was tried.
    static func system(_ code: Code, _ what: String, errno number: Int32, advice: String) -> StoreError {
        StoreError(code, "\(what): \(systemMessage(number)). \(advice)")
    }
}
