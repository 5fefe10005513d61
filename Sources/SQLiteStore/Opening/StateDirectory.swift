import Glibc
import ToolAuthCore

/// The directory that holds the store, owned by one process at a time.
///
/// The lock is a BSD lock on the directory itself: it needs no file of its own, leaves nothing behind after a crash, and
/// taking it changes nothing, so a refused start leaves no trace. It lasts as long as this object.
final class StateDirectory: Sendable {
    /// Absolute, symbolic links resolved.
    let path: String
    private let descriptor: FileDescriptor
    /// Whether it is another's, and only looked into.
    let isInUse: Bool

    var database: String { "\(path)/toolauthd.db" }

    /// Opens and locks the directory, which is made, mode 0700, if only its last component is missing.
    ///
    /// - Throws: `notAccessible` or `inUse`.
    init(_ directory: String) throws(StoreError) {
        let isNew = try Self.make(directory)
        (path, descriptor) = try Self.open(directory)
        if isNew { chmod(path, 0o700) }  // The umask may have taken bits that its owner needs.
        isInUse = false
        try lock()
    }

    /// Opens the directory to look into it, whoever has locked it, and changes nothing. Where nobody has, nobody does while
    /// this object lasts; others may look, too.
    ///
    /// - Throws: `notAccessible`.
    init(inspecting directory: String) throws(StoreError) {
        (path, descriptor) = try Self.open(directory)
        isInUse = flock(descriptor.number, LOCK_SH | LOCK_NB) != 0
    }

    private static func open(_ directory: String) throws(StoreError) -> (String, FileDescriptor) {
        guard let resolved = realpath(directory, nil) else {
            throw .system(
                .notAccessible, "The state directory \(directory) cannot be found", errno: errno,
                advice: "Look at the permissions on the way to it.")
        }
        let path = String(cString: resolved)
        free(resolved)
        guard let descriptor = FileDescriptor(path, O_RDONLY | O_DIRECTORY) else {
            throw .system(
                .notAccessible, "The state directory \(path) cannot be opened", errno: errno,
                advice: "It must be a directory that toolauthd may read.")
        }
        return (path, descriptor)
    }

    deinit {
        // Not left to closing: a child between fork and exec holds the descriptor too, and with it the lock.
        flock(descriptor.number, LOCK_UN)
    }

    private static func make(_ directory: String) throws(StoreError) -> Bool {
        if mkdir(directory, 0o700) == 0 { return true }
        let number = errno
        if number == EEXIST { return false }
        throw .system(
            .notAccessible, "The state directory \(directory) cannot be made", errno: number,
            advice: "Make it: install -d -m 0700 \(directory)")
    }

    /// Whoever looks into it (``init(inspecting:)``) is done in no time, and waited for.
    private static let patience = (tries: 25, pauseMicroseconds: UInt32(20_000))

    private func lock() throws(StoreError) {
        for _ in 0..<Self.patience.tries {
            if flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK else { break }
            // It sleeps, since flock waits for good or not at all, no descriptor tells that a lock is free, and at this point of
            // a start there is nothing else to do meanwhile.
            usleep(Self.patience.pauseMicroseconds)
        }
        if flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 { return }
        let number = errno
        guard number == EWOULDBLOCK else {
            throw .system(
                .notAccessible, "The state directory \(path) cannot be locked", errno: number,
                advice: "It must lie on a local file system.")
        }
        throw StoreError(
            .inUse,
            "The state directory \(path) is in use by \(holder). Two daemons on one store would have grants revoked: "
                + "stop the other, or give this one a directory of its own.")
    }

    /// Who has it locked, for messages.
    var holder: String {
        descriptor.status.flatMap { LockHolder.processID(of: $0) }.map { "process \($0)" } ?? "another process"
    }

    /// - Throws: `notAccessible` unless files can be made here and the store, where there is one, be written.
    func requireWritable(databaseExists: Bool) throws(StoreError) {
        let target = databaseExists ? database : path
        // EROFS, EACCES and EPERM come before anything is changed.
        if faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0 {
            if !databaseExists || FileDescriptor(database, O_RDWR) != nil { return }
        }
        throw .system(
            .notAccessible, "\(target) cannot be written", errno: errno,
            advice: "Give it and its directory to the user toolauthd runs as, on a file system mounted for writing.")
    }

    /// Makes an existing directory and store unreadable for everybody else.
    ///
    /// A directory that is plainly ours (ours by owner, and empty or holding a store) is tightened. Any other is refused:
    /// with `--state-dir /tmp`, mistyped, tightening would break the machine.
    ///
    /// - Throws: `notAccessible`.
    func tighten(databaseExists: Bool) throws(StoreError) {
        guard let status = descriptor.status else {
            throw .system(
                .notAccessible, "\(path) cannot be examined", errno: errno, advice: "Look at its file system.")
        }
        if status.isOpenToOthers {
            guard isPlainlyOurs(status, databaseExists: databaseExists), chmod(path, 0o700) == 0 else {
                throw openToOthers
            }
        }
        for file in [database, "\(database)-wal", "\(database)-shm"] {
            guard let status = FileDescriptor(file, O_RDONLY)?.status, status.isOpenToOthers else { continue }
            guard chmod(file, 0o600) == 0 else {
                throw .system(
                    .notAccessible, "\(file) is open to other users and cannot be closed to them", errno: errno,
                    advice: "Do it: chmod 0600 \(file)")
            }
        }
    }

    /// As ``tighten(databaseExists:)``, and changes nothing.
    func requireTightenable(databaseExists: Bool) throws(StoreError) {
        guard let status = descriptor.status, status.isOpenToOthers else { return }
        guard isPlainlyOurs(status, databaseExists: databaseExists) else { throw openToOthers }
    }

    private func isPlainlyOurs(_ status: stat, databaseExists: Bool) -> Bool {
        status.st_uid == geteuid() && (databaseExists || isEmpty)
    }

    private var openToOthers: StoreError {
        StoreError(
            .notAccessible,
            "The state directory \(path) is open to other users and holds other things than a store. Name a directory of "
                + "its own, or close this one: chmod 0700 \(path)")
    }

    /// - Throws: `io` if what was made or renamed here may not be on disk.
    func sync() throws(StoreError) {
        guard descriptor.sync() else {
            throw .system(
                .io, "The directory \(path) could not be synced", errno: errno, advice: "Look for disk errors.")
        }
    }

    /// Whether `file` lies in this directory, whatever way its path takes.
    func contains(_ file: String) -> Bool {
        let parent = file.lastIndex(of: "/").map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
        guard let own = descriptor.status, let other = FileDescriptor(parent, O_RDONLY | O_DIRECTORY)?.status else {
            return false
        }
        return own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }

    /// To whom it belongs.
    var owner: (uid: uid_t, gid: gid_t)? { descriptor.status.map { ($0.st_uid, $0.st_gid) } }

    private var isEmpty: Bool {
        guard let stream = opendir(path) else { return false }
        defer { closedir(stream) }
        var count = 0
        while readdir(stream) != nil { count += 1 }
        return count <= 2  // . and ..
    }
}

/// Files beside the store that last no longer than what they are for.
extension StateDirectory {
    /// A copy being made.
    static func backupFile(of database: String) -> String { "\(database).backup" }

    /// A backup being restored.
    var restoredFile: String { "\(database).restored" }

    /// Makes a new file that its owner alone may read and write, whatever the umask. SQLite takes an empty one for a database
    /// yet to be made, and gives its other files the same mode.
    ///
    /// - Throws: `io` where the disk is full or broken, else `notAccessible`.
    static func makeFile(_ path: String) throws(StoreError) -> FileDescriptor {
        if let file = FileDescriptor(path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600), fchmod(file.number, 0o600) == 0 {
            return file
        }
        let number = errno
        let isFull = number == ENOSPC || number == EDQUOT
        throw .system(
            isFull || number == EIO ? .io : .notAccessible, "\(path) could not be made", errno: number,
            advice: isFull ? "Make room." : "The directory must be writable for the user toolauthd runs as.")
    }

    /// Removes what a crash left of such a file, with what SQLite keeps beside it.
    static func discard(_ file: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(file + suffix) }
    }

    /// A restore that was interrupted between taking the old store away and putting the new one there: what would be made
    /// in its place has no grants.
    ///
    /// - Throws: `notAccessible`.
    func requireNoRestore() throws(StoreError) {
        guard access(restoredFile, F_OK) == 0 else { return }
        throw StoreError(
            .notAccessible,
            "A restore did not come to its end: there is no store in \(path). Restore the backup again (toolauthd restore "
                + "FILE), or remove \(restoredFile) to begin with an empty store.")
    }
}
