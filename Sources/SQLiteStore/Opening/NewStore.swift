import GRDB
import Glibc
import ToolAuthCore

/// Makes an empty store under another name and renames it once it is whole and on disk: a crash leaves a store or none,
/// never the beginning of one.
struct NewStore {
    private let directory: StateDirectory
    private let temporary: String

    init(_ directory: StateDirectory) {
        self.directory = directory
        temporary = "\(directory.database).new"
    }

    /// - Throws: `notAccessible` or `io`.
    func make() throws(StoreError) {
        StateDirectory.discard(temporary)
        do throws(StoreError) {
            try createFile()
            try fill()
            guard FileDescriptor(temporary, O_RDONLY)?.sync() == true, rename(temporary, directory.database) == 0 else {
                throw .system(
                    .io, "\(directory.database) could not be made", errno: errno, advice: "Look for disk errors.")
            }
            try directory.sync()
        } catch {
            StateDirectory.discard(temporary)
            throw error
        }
    }

    /// SQLite gives its other files the mode of this one, whatever the umask.
    private func createFile() throws(StoreError) {
        guard let file = FileDescriptor(temporary, O_RDWR | O_CREAT | O_EXCL, mode: 0o600),
            fchmod(file.number, 0o600) == 0
        else {
            let number = errno
            throw .system(
                number == ENOSPC || number == EIO ? .io : .notAccessible, "\(temporary) could not be made",
                errno: number, advice: "The directory must be writable for the user toolauthd runs as.")
        }
    }

    private func fill() throws(StoreError) {
        do {
            let pool = try StoreConnections.open(temporary)
            do {
                try Schema.migrator.migrate(pool)
            } catch {
                try? pool.close()
                throw error
            }
            // As the last connection it empties the log into the file and removes it.
            try pool.close()
        } catch {
            throw StoreError(error, file: directory.database)
        }
    }
}
