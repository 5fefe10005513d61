import Crypto
import FoundationEssentials
import TestSupport
import ToolAuthCore

@testable import SQLiteStore

/// All bytes of a backup.
func read(_ backup: any StoreBackup) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let part = try await backup.next() { bytes += part }
    return bytes
}

/// Another machine, to which a backup and the keys of the first were brought.
func restored(_ backup: [UInt8], keysOf original: TemporaryDirectory) async throws -> TemporaryDirectory {
    let target = try TemporaryDirectory()
    try write(try contents(of: "\(original.path)/master.key"), to: "\(target.path)/master.key")
    _ = try restore(backup, into: target)
    return target
}

/// Restores bytes that lie in a file of their own.
@discardableResult
func restore(
    _ backup: [UInt8], into target: TemporaryDirectory, keys: KeySource? = nil, overwriting: Bool = false
) throws -> StoreRestore.Report {
    let files = try TemporaryDirectory()
    let file = "\(files.path)/backup"
    try write(backup, to: file)
    return try StoreRestore.run(
        file, into: target.path, keys: keys ?? .file("\(target.path)/master.key"), overwriting: overwriting, at: .at(0))
}

/// Whether some bytes stand in others.
func contains(_ bytes: [UInt8], _ wanted: [UInt8]) -> Bool {
    guard let first = wanted.first else { return true }
    return bytes.indices.contains { bytes[$0] == first && bytes[$0...].starts(with: wanted) }
}

func digest(_ bytes: [UInt8]) -> SHA256.Digest { SHA256.hash(data: bytes) }

func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

extension [UInt8] {
    /// With another byte in one place.
    func replacing(at place: Int) -> [UInt8] {
        var bytes = self
        bytes[place] = ~bytes[place]
        return bytes
    }
}
