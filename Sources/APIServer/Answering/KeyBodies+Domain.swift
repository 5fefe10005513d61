import SocketAPI
import ToolAuthCore

extension KeysBody {
    init(_ keys: MasterKeys) {
        let (source, name) =
            switch keys.origin {
            case .file(let path): ("file", path)
            case .credential(let name): ("credential", name)
            }
        self.init(source: source, name: name, keys: keys.keys.map { KeyBody($0) })
    }
}

extension KeyBody {
    init(_ key: MasterKeySummary) {
        self.init(
            keyID: key.id, seals: key.isSealing, present: key.isPresent,
            records: [
                "grants": key.records.grants, "revocations": key.records.revocations,
                "authorizations": key.records.authorizations,
            ])
    }
}

extension RetiredKeyBody {
    init(_ id: String, _ retired: RetiredKey) {
        switch retired {
        case .retired(let file): self.init(keyID: id, keptIn: file, credential: nil)
        case .released(let credential): self.init(keyID: id, keptIn: nil, credential: credential)
        // Thrown by the service.
        case .unknown, .sealing, .inUse: self.init(keyID: id, keptIn: nil, credential: nil)
        }
    }
}

extension KeyRotationBody {
    init(_ status: KeyRotationStatus) {
        self.init(
            running: status.isRunning, keyID: status.keyID, total: status.total, resealed: status.resealed,
            undecryptable: status.unopened, problem: status.problem)
    }
}
