import Dispatch
import GRDB
import Glibc
package import ToolAuthCore

extension SQLiteTokenStore {
    /// What the store's disk must have left beside a copy, lest a backup be what stops the daemon from storing tokens.
    private static let room = 4 << 20

    package func backup() async throws(StoreError) -> any StoreBackup {
        guard beginRead() else { throw .closed }
        defer { endRead() }
        guard let slot = backupSlots.take() else {
            throw StoreError(
                .inUse, "\(BackupSlots.limit) backups are being read already. Try again when one of them has ended.")
        }
        let result: Result<BackupCopy, StoreError> = await withCheckedContinuation { continuation in
            backupQueue.async { [self] in
                continuation.resume(returning: Result { () throws(StoreError) in try copy(slot) })
            }
        }
        return try result.get()
    }

    /// `VACUUM INTO` reads all in one transaction, on a connection of its own: writes go on beside it.
    private func copy(_ slot: BackupSlot) throws(StoreError) -> BackupCopy {
        try requireRoom()
        let path = StateDirectory.backupFile(of: pool.path)
        StateDirectory.discard(path)
        defer { StateDirectory.discard(path) }
        let file = try StateDirectory.makeFile(path)
        do {
            var configuration = Configuration()
            configuration.label = "toolauthd.backup"
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let queue = try DatabaseQueue(path: pool.path, configuration: configuration)
            defer { try? queue.close() }
            guard beginCopy(queue) else { throw StoreError.closed }
            defer { endCopy() }
            try queue.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        } catch {
            if isClosed { throw .closed }
            throw error as? StoreError ?? StoreError(error, file: pool.path)
        }
        guard let status = file.status else {
            throw .system(.io, "\(path) cannot be examined", errno: errno, advice: "Look for disk errors.")
        }
        return BackupCopy(file, of: pool.path, databaseSize: Int(status.st_size), slot)
    }

    private func requireRoom() throws(StoreError) {
        var needed = 0
        // Looked at by name: closing a descriptor of the database would take SQLite's locks on it away (fcntl(2)).
        for suffix in ["", "-wal"] {
            var status = stat()
            if stat(pool.path + suffix, &status) == 0 { needed += Int(status.st_size) }
        }
        var system = statvfs()
        guard statvfs(directory, &system) == 0 else { return }
        let free = Int(system.f_bavail) * Int(system.f_frsize)
        guard free >= needed + Self.room else {
            func mebibytes(_ bytes: Int) -> Int { (bytes + (1 << 20) - 1) >> 20 }
            throw StoreError(
                .io,
                "There is no room for a backup: beside the store, in \(directory), it needs \(mebibytes(needed)) MiB and "
                    + "leaves \(mebibytes(Self.room)) MiB, and only \(mebibytes(free)) MiB are free. Make room.")
        }
    }
}
