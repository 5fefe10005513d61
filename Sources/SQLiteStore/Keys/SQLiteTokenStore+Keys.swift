import Dispatch
import FoundationEssentials
import GRDB
package import ToolAuthCore

extension SQLiteTokenStore {
    package func masterKeys() async throws(StoreError) -> MasterKeys {
        let counts = try await read { try SealedTable.counts(in: $0) }
        let ring = keys.ring
        var summaries = ring.keys.map { key in
            MasterKeySummary(
                id: key.id, isSealing: key.id == ring.newest.id, isPresent: true,
                records: counts[key.id] ?? SealedCounts())
        }
        for (id, records) in counts.sorted(by: { bytesPrecede($0.key, $1.key) }) where ring.key(id) == nil {
            summaries.append(MasterKeySummary(id: id, isSealing: false, isPresent: false, records: records))
        }
        return MasterKeys(summaries, from: keys.origin)
    }

    /// The file first: what is sealed with a key that a crash then takes away would be lost.
    package func addMasterKey() async throws(StoreError) -> AddedKey {
        let path: String
        switch keys.origin {
        case .credential(let name): return .readOnly(credential: name)
        case .file(let file): path = file
        }
        try keys.beginChange()
        defer { keys.endChange() }
        let key = MasterKey.generate()
        let ring = try await onFileQueue { [keys] () throws(StoreError) in
            let present = try Self.text(of: path, holding: keys.ring)
            let ring = try present.ring(from: path).adding(key)
            try KeyFile(path: path).write(present.adding(key))
            return ring
        }
        try await writes.perform { try Self.register(key, in: $0) }
        keys.replace(by: ring)
        return .added(key.id)
    }

    /// Its line is kept apart first; then the store forgets it, and the file last: a start needs all keys that the store
    /// names.
    package func retireMasterKey(_ id: String) async throws(StoreError) -> RetiredKey {
        try keys.beginChange()
        defer { keys.endChange() }
        let ring = keys.ring
        guard let key = ring.key(id) else { return .unknown }
        if id == ring.newest.id { return .sealing }
        // A write under way may have read the ring before this key ceased to be the newest.
        try await writes.perform { _ in }
        if let records = try await read({ try SealedTable.counts(in: $0) })[id], records.total > 0 {
            return .inUse(records)
        }
        switch keys.origin {
        case .credential(let name):
            try await forget(id)
            return .released(credential: name)
        case .file(let path):
            let kept = "\(path).retired"
            let rest = try await onFileQueue { () throws(StoreError) in
                let present = try Self.text(of: path, holding: ring)
                let file = KeyFile(path: kept)
                let retired = try file.read().map(KeyFileText.init) ?? KeyFileText(heading: KeyFileText.retiredHeading)
                try file.write(retired.adding(key))
                return present.removing(id)
            }
            try await forget(id)
            try await onFileQueue { () throws(StoreError) in try KeyFile(path: path).write(rest) }
            keys.replace(by: ring.removing(id))
            return .retired(keptIn: kept)
        }
    }

    /// What it sealed once leaves the log, too.
    private func forget(_ id: String) async throws(StoreError) {
        try await writes.perform(erases: true) { db in
            try db.execute(sql: "DELETE FROM master_keys WHERE key_id = ?", arguments: [id])
        }
    }

    /// The key file as it now is, which somebody may have edited.
    ///
    /// - Throws: `key` if a key of `ring` is not in it any more: to write it then would make that loss last.
    private static func text(of path: String, holding ring: KeyRing) throws(StoreError) -> KeyFileText {
        guard let read = try KeyFile(path: path).read() else {
            throw StoreError(.key, "The key file \(path) is missing. Put it back before the daemon stops.")
        }
        let text = KeyFileText(read)
        let present = try text.ring(from: path)
        for key in ring.keys where present.key(key.id)?.checkValue != key.checkValue {
            throw StoreError(
                .key,
                "The key file \(path) does not hold the key \(key.id) any more as it was read at the start. Put it back "
                    + "before the daemon stops.")
        }
        return text
    }

    private func onFileQueue<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}
