import FoundationEssentials
import GRDB
import Glibc
package import ToolAuthCore

/// Puts a backup in the place of a store, while no daemon runs.
///
/// Everything that can be wrong with the backup is looked for before the store there, if there is one, is touched; and
/// that one is not deleted but renamed. A crash at any instant leaves the old store, the new one, or none and the
/// beginnings of the new one, from which the daemon does not start (``StateDirectory/requireNoRestore()``).
package enum StoreRestore {
    package struct Report: Sendable {
        package let database: String
        package let grants: Int
        /// The latest instant at which anything was stored in it; nil: not known.
        package let lastWriteAt: Timestamp?
        /// The name under which the store lies that was there before; nil: there was none.
        package let former: String?
    }

    /// - Parameters:
    ///   - file: the backup, or `-` for standard input.
    ///   - path: the state directory; made, mode 0700, if only its last component is missing.
    ///   - keys: where the master keys are; none is made.
    ///   - overwriting: whether a store with grants may be replaced.
    /// - Throws: `inUse` where a daemon runs, `corrupt`, `tooNew`, `key`, `io`, `notAccessible`.
    package static func run(
        _ file: String, into path: String, keys: KeySource, overwriting: Bool, at now: Timestamp
    ) throws(StoreError) -> Report {
        let source = try open(file)
        let directory = try lock(path)
        try requireReplaceable(directory, overwriting)
        let name = file == "-" ? "standard input" : file
        StateDirectory.discard(directory.restoredFile)
        let grants: Int
        let lastWriteAt: Timestamp?
        do throws(StoreError) {
            try BackupFile(path: directory.restoredFile, name: name).take(source)
            let facts = try inspect(directory.restoredFile, name)
            _ = try KeyRing.existing(keys, for: facts)
            grants = facts.grants
            lastWriteAt = try hold(directory)
            try giveToOwner(directory)
        } catch {
            StateDirectory.discard(directory.restoredFile)
            throw error
        }
        // Should this fail, what was made stays: it may be all there is.
        let former = try replace(directory, now)
        return Report(database: directory.database, grants: grants, lastWriteAt: lastWriteAt, former: former)
    }

    private static func open(_ file: String) throws(StoreError) -> FileDescriptor {
        let path = file == "-" ? "/dev/stdin" : file
        guard let source = FileDescriptor(path, O_RDONLY), let status = source.status else {
            throw .system(
                .notAccessible, "\(file) cannot be opened", errno: errno,
                advice: "Name a file that this user may read, or - for standard input.")
        }
        guard !status.isDirectory else {
            throw StoreError(.notAccessible, "\(file) is a directory. Name the file of a backup.")
        }
        return source
    }

    private static func lock(_ path: String) throws(StoreError) -> StateDirectory {
        do {
            return try StateDirectory(path)
        } catch  where error.code == .inUse {
            let holder = (try? StateDirectory(inspecting: path))?.holder ?? "another process"
            throw StoreError(
                .inUse,
                "toolauthd is running on \(path) (\(holder)). Stop it first: systemctl stop toolauthd.socket "
                    + "toolauthd.service")
        }
    }

    private static func requireReplaceable(_ directory: StateDirectory, _ overwriting: Bool) throws(StoreError) {
        if overwriting { return }
        let facts: StoreFacts?
        do throws(StoreError) {
            facts = try StoreInspection(database: directory.database).facts()
        } catch {
            throw StoreError(
                error.code,
                "There is a store in \(directory.path) already, and it is not known what is in it: \(error.detail) To "
                    + "replace it and keep it beside the new one: --force")
        }
        guard let facts, facts.holdsSealedData else { return }
        throw StoreError(
            .notAccessible,
            "There is a store with \(facts.grants == 1 ? "1 grant" : "\(facts.grants) grants") in \(directory.path) already. To replace "
                + "it and keep it beside the new one: --force")
    }

    private static func inspect(_ database: String, _ name: String) throws(StoreError) -> StoreFacts {
        let inspection = StoreInspection(database: database, name: name)
        do throws(StoreError) {
            guard let facts = try inspection.facts() else { throw StoreError(.corrupt, "\(name) is empty.") }
            try inspection.requireIntegrity()
            return facts
        } catch {
            guard error.code == .tooNew else { throw error }
            throw StoreError(
                .tooNew, "\(name) was made by a newer toolauthd. Restore it with that version, or a later one.")
        }
    }

    /// Brings the new store to today's tables and marks it, so that whoever starts on it is held.
    private static func hold(_ directory: StateDirectory) throws(StoreError) -> Timestamp? {
        do {
            let pool = try StoreConnections.open(directory.restoredFile)
            do {
                try Schema.migrator.migrate(pool)
                let lastWriteAt = try pool.write { db in
                    try db.execute(sql: "UPDATE store_state SET hold = ?", arguments: [StoreHold.restored.rawValue])
                    return try Row.fetchOne(db, sql: "SELECT last_write_at FROM store_state")?
                        .timestampIfAny("last_write_at")
                }
                // As the last connection it empties the log into the file and removes it.
                try pool.close()
                return lastWriteAt
            } catch {
                try? pool.close()
                throw error
            }
        } catch {
            throw StoreError(error, file: directory.restoredFile)
        }
    }

    /// Root restores for the user whose directory it is.
    private static func giveToOwner(_ directory: StateDirectory) throws(StoreError) {
        guard let file = FileDescriptor(directory.restoredFile, O_RDONLY) else { throw unfinished(directory, errno) }
        if geteuid() == 0, let owner = directory.owner, fchown(file.number, owner.uid, owner.gid) != 0 {
            throw unfinished(directory, errno)
        }
        guard file.sync() else { throw unfinished(directory, errno) }
    }

    /// - Returns: the name of what was there.
    private static func replace(_ directory: StateDirectory, _ now: Timestamp) throws(StoreError) -> String? {
        // What was interrupted between the two goes on under the same name.
        let interrupted = interruptedName(directory)
        let name = interrupted ?? freeName(beside: directory.database, now)
        var former = interrupted
        // The database first: from here on there is no store, and no start makes an empty one. Were the log taken first, a
        // crash would leave an older state of the store in its place, and were it left to the last, beside the database of
        // another.
        for suffix in ["", "-wal"] {
            if rename(directory.database + suffix, name + suffix) == 0 {
                if suffix.isEmpty { former = name }
            } else if errno != ENOENT {
                throw unfinished(directory, errno)
            }
        }
        unlink("\(directory.database)-shm")
        try directory.sync()
        guard rename(directory.restoredFile, directory.database) == 0 else { throw unfinished(directory, errno) }
        try directory.sync()
        return former
    }

    /// The name under which an interrupted restore put the store away, but not yet its log, which may hold the last tokens;
    /// nil: there is no such log.
    private static func interruptedName(_ directory: StateDirectory) -> String? {
        guard access(directory.database, F_OK) != 0, access("\(directory.database)-wal", F_OK) == 0 else { return nil }
        let file = directory.database.dropFirst(directory.path.count + 1)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        let formers = names.filter { $0.hasPrefix("\(file).before-") && !$0.hasSuffix("-wal") }
        guard let last = formers.max(by: bytesPrecede) else { return nil }
        let name = "\(directory.path)/\(last)"
        return access("\(name)-wal", F_OK) == 0 ? nil : name
    }

    private static func freeName(beside database: String, _ now: Timestamp) -> String {
        let stamp = now.description.filter { $0 != ":" && $0 != "-" }.prefix { $0 != "." }
        let name = "\(database).before-\(stamp)Z"
        var number = 1
        while true {
            let candidate = number == 1 ? name : "\(name)-\(number)"
            if access(candidate, F_OK) != 0 { return candidate }
            number += 1
        }
    }

    private static func unfinished(_ directory: StateDirectory, _ number: Int32) -> StoreError {
        .system(
            .io, "The backup could not be put in its place in \(directory.path)", errno: number,
            advice: "Restore it again.")
    }
}
