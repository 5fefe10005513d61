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
            _ = try StateDirectory.makeFile(temporary)
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
