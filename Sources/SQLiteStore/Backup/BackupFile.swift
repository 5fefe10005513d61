import Crypto
import Glibc
import ToolAuthCore

/// What somebody says is a backup, copied to where it can be looked into.
struct BackupFile {
    private static let partSize = 256 * 1024

    /// The copy: once it is checked, the database alone.
    let path: String
    /// What messages call it.
    let name: String

    /// Copies `source` and checks that it is whole.
    ///
    /// - Throws: `corrupt`, with a sentence that says what it is instead of a backup; `io` or `notAccessible`.
    func take(_ source: FileDescriptor) throws(StoreError) {
        let copy = try StateDirectory.makeFile(path)
        let size = try transfer(source, copy)
        guard size > 0 else { throw StoreError(.corrupt, "\(name) is empty. Look for another backup.") }
        let databaseSize = try check(copy, size)
        guard ftruncate(copy.number, off_t(databaseSize)) == 0, copy.sync() else { throw writing(errno) }
    }

    private func transfer(_ source: FileDescriptor, _ copy: FileDescriptor) throws(StoreError) -> Int {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.partSize, alignment: 1)
        defer { buffer.deallocate() }
        var size = 0
        while true {
            guard let count = source.read(into: buffer) else {
                throw .system(
                    .io, "\(name) cannot be read", errno: errno, advice: "Give the file of a backup, or another disk.")
            }
            if count == 0 { return size }
            guard copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { throw writing(errno) }
            size += count
        }
    }

    /// - Returns: how many bytes the database has.
    private func check(_ copy: FileDescriptor, _ size: Int) throws(StoreError) -> Int {
        guard lseek(copy.number, 0, SEEK_SET) == 0 else { throw reading(errno) }
        let databaseSize = size - BackupFormat.trailerSize
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.partSize, alignment: 1)
        defer { buffer.deallocate() }
        var digest = SHA256()
        var rest = max(0, databaseSize)
        var beginsAsStore = false
        while rest > 0 {
            let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(rest, buffer.count)])
            guard copy.read(into: part) == part.count else { throw reading(errno) }
            if rest == databaseSize { beginsAsStore = part.starts(with: StoreInspection.magic) }
            digest.update(bufferPointer: UnsafeRawBufferPointer(part))
            rest -= part.count
        }
        var trailer = [UInt8](repeating: 0, count: min(size, BackupFormat.trailerSize))
        guard trailer.withUnsafeMutableBytes({ copy.read(into: $0) }) == trailer.count else { throw reading(errno) }
        guard trailer.starts(with: BackupFormat.word) else {
            throw StoreError(
                .corrupt,
                beginsAsStore
                    ? "\(name) is not a whole backup: its end is missing. A backup that was cut short, or a database "
                        + "copied by hand, cannot be trusted to hold all; look for another one."
                    : "\(name) is not a backup of toolauthd. Give a file that toolauthctl backup wrote.")
        }
        guard trailer == BackupFormat.trailer(digest.finalize()) else {
            throw StoreError(
                .corrupt,
                "\(name) is damaged: it is not any more what toolauthctl backup wrote (its SHA-256 is another). Look for "
                    + "another backup.")
        }
        return databaseSize
    }

    private func writing(_ number: Int32) -> StoreError {
        .system(
            number == ENOSPC || number == EIO || number == EDQUOT ? .io : .notAccessible,
            "\(path) cannot be written", errno: number,
            advice: number == ENOSPC || number == EDQUOT
                ? "Make room: the backup is copied before anything is replaced."
                : "The directory must be writable for the user toolauthd runs as.")
    }

    private func reading(_ number: Int32) -> StoreError {
        .system(.io, "\(path) cannot be read", errno: number, advice: "Look for disk errors.")
    }
}
