import Crypto
import Dispatch
import Glibc
import ToolAuthCore

/// A copy that lies on the store's disk under no name: it goes, whatever happens, with the last reference.
final class BackupCopy: StoreBackup {
    private static let partSize = 256 * 1024

    let size: Int

    private enum Position {
        case database(SHA256, rest: Int)
        case end
    }

    private let file: FileDescriptor
    private let name: String
    private let slot: BackupSlot
    private let position: Locked<Position>
    private let queue = DispatchQueue(label: "toolauthd.backup.read")

    /// - Parameters:
    ///   - file: at its beginning.
    ///   - name: what it is a copy of, for errors.
    ///   - databaseSize: the bytes of `file`.
    init(_ file: FileDescriptor, of name: String, databaseSize: Int, _ slot: BackupSlot) {
        self.file = file
        self.name = name
        self.slot = slot
        size = databaseSize + BackupFormat.trailerSize
        position = Locked(.database(SHA256(), rest: databaseSize))
    }

    func next() async throws(StoreError) -> [UInt8]? {
        let result: Result<[UInt8]?, StoreError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                continuation.resume(returning: Result { () throws(StoreError) in try read() })
            }
        }
        return try result.get()
    }

    private func read() throws(StoreError) -> [UInt8]? {
        try position.withLock { position throws(StoreError) in
            guard case .database(var digest, let rest) = position else { return nil }
            if rest == 0 {
                position = .end
                return BackupFormat.trailer(digest.finalize())
            }
            var part = [UInt8](repeating: 0, count: min(rest, Self.partSize))
            guard let count = part.withUnsafeMutableBytes({ file.read(into: $0) }) else {
                throw .system(.io, "The copy of \(name) cannot be read", errno: errno, advice: "Look for disk errors.")
            }
            guard count == part.count else {
                throw StoreError(.io, "The copy of \(name) is shorter than it was. Look for disk errors.")
            }
            digest.update(data: part)
            position = .database(digest, rest: rest - count)
            return part
        }
    }
}
