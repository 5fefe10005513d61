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

    /// Makes the file, readable by its owner alone, so that after a crash it is there whole or not at all.
    func write(_ key: MasterKey) throws(StoreError) {
        let temporary = "\(path).new"
        unlink(temporary)  // Left by a crash; the state directory's lock is ours.
        do throws(StoreError) {
            guard let file = FileDescriptor(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600),
                fchmod(file.number, 0o600) == 0, Self.write(key, to: file), file.sync(), rename(temporary, path) == 0
            else {
                let number = errno
                throw .system(
                    number == ENOSPC || number == EIO ? .io : .notAccessible,
                    "The key file \(path) cannot be written", errno: number,
                    advice: "Its directory must be writable for the user toolauthd runs as.")
            }
            let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
            guard FileDescriptor(parent, O_RDONLY | O_DIRECTORY)?.sync() == true else {
                throw .system(.io, "The directory of \(path) could not be synced", errno: errno, advice: "Try again.")
            }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private static func write(_ key: MasterKey, to file: FileDescriptor) -> Bool {
        let heading = "# Master keys of toolauthd, newest last. Whoever has this file and the store has the tokens.\n"
        var raw = key.key.withUnsafeBytes { Data($0) }
        var text = Data(heading.utf8) + Data("\(key.id):".utf8)
        var encoded = raw.base64EncodedData()
        text.append(encoded)
        text.append(UInt8(ascii: "\n"))
        defer {
            raw.erase()
            encoded.erase()
            text.erase()
        }
        return text.withUnsafeBytes { file.write($0) }
    }
}
