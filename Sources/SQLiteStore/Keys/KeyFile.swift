import Crypto
import FoundationEssentials
import Glibc
import ToolAuthCore

/// The file in which master keys lie where no credential brings them.
struct KeyFile: Sendable {
    let path: String

    /// A file of keys is a few lines; anything longer is not one.
    private static let largest = 1 << 16

    /// - Returns: nil if there is no such file.
    /// - Throws: `key` if it is open to others, is no regular file, or cannot be read.
    func read() throws(StoreError) -> Secret? {
        guard let file = FileDescriptor(path, O_RDONLY | O_NONBLOCK), let status = file.status else {
            let number = errno
            if number == ENOENT { return nil }
            throw .system(
                .key, "The key file \(path) cannot be read", errno: number,
                advice: "Give it to the user toolauthd runs as: chown, and chmod 0600.")
        }
        guard status.isRegular else { throw StoreError(.key, "The key file \(path) is not a regular file.") }
        guard !status.isOpenToOthers else {
            throw StoreError(
                .key,
                "The key file \(path) is open to other users. Close it (chmod 0600 \(path)), and if others may have read "
                    + "it, take a new key.")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.largest + 1, alignment: 1)
        defer {
            if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
            buffer.deallocate()
        }
        guard let count = file.read(into: buffer) else {
            throw .system(.key, "The key file \(path) cannot be read", errno: errno, advice: "Look for disk errors.")
        }
        guard count <= Self.largest else { throw StoreError(.key, "The key file \(path) is too large to be one.") }
        return Secret(buffer[..<count])
    }

    /// Makes the file, readable by its owner alone, so that after a crash it is there whole or not at all. One that is there
    /// is replaced in the same way, and keeps its owner and its mode.
    func write(_ text: KeyFileText) throws(StoreError) {
        guard text.count <= Self.largest else {
            throw StoreError(.key, "The key file \(path) would grow too large. Retire keys: toolauthctl keys retire")
        }
        // Where the path is a link, what it leads to is replaced, not the link.
        let target = resolved
        var former = stat()
        let isThere = stat(target, &former) == 0
        let temporary = "\(target).new"
        unlink(temporary)  // Left by a crash; the state directory's lock is ours.
        do throws(StoreError) {
            guard let file = FileDescriptor(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600),
                !isThere || Self.give(file, to: former),
                fchmod(file.number, isThere ? former.permissions : 0o600) == 0,
                text.withUnsafeBytes({ file.write($0) }), file.sync(), rename(temporary, target) == 0
            else {
                let number = errno
                throw .system(
                    number == ENOSPC || number == EIO ? .io : .notAccessible,
                    "The key file \(path) cannot be written", errno: number,
                    advice: "Its directory must be writable for the user toolauthd runs as.")
            }
            let parent = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "."
            guard FileDescriptor(parent, O_RDONLY | O_DIRECTORY)?.sync() == true else {
                throw .system(.io, "The directory of \(path) could not be synced", errno: errno, advice: "Try again.")
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// - Returns: false, with `errno` set, where it cannot be had.
    private static func give(_ file: FileDescriptor, to former: stat) -> Bool {
        guard let own = file.status else { return false }
        if own.st_uid == former.st_uid, own.st_gid == former.st_gid { return true }
        return fchown(file.number, former.st_uid, former.st_gid) == 0
    }

    private var resolved: String {
        guard let found = realpath(path, nil) else { return path }
        defer { free(found) }
        return String(cString: found)
    }
}
