import Telemetry
import ToolAuthCore

extension LiveToolAuthService {
    func masterKeys() async throws(ToolAuthError) -> MasterKeys {
        try await stored { () async throws(StoreError) in try await store.masterKeys() }
    }

    func addMasterKey() async throws(ToolAuthError) -> MasterKeySummary {
        switch try await stored({ () async throws(StoreError) in try await store.addMasterKey() }) {
        case .added(let id):
            return MasterKeySummary(id: id, isSealing: true, isPresent: true)
        case .readOnly(let name):
            throw ToolAuthError(
                .keysReadOnly,
                "The keys come from the credential \(name), which only you can change: add a line to it, as the guide for "
                    + "keys shows (docs/keys.md), and restart toolauthd.")
        }
    }

    func retireMasterKey(_ id: String) async throws(ToolAuthError) -> RetiredKey {
        let retired = try await stored { () async throws(StoreError) in try await store.retireMasterKey(id) }
        switch retired {
        case .retired, .released: return retired
        case .unknown: throw ToolAuthError(.unknownKey, "There is no key \(id): toolauthctl keys lists them.")
        case .sealing:
            throw ToolAuthError(
                .keyInUse,
                "The key \(id) is the newest, with which everything is sealed. Add another first: toolauthctl keys add")
        case .inUse(let records):
            throw ToolAuthError(
                .keyInUse,
                "The key \(id) has sealed \(records.sentencePart), which would be lost with it. Seal them with the newest "
                    + "key first: toolauthctl keys rotate. What that cannot open must be deleted, or connected again.")
        }
    }

    func rotateMasterKeys(askedBy administrator: Administrator) async throws(ToolAuthError) -> KeyRotationStatus {
        try await stored { () async throws(StoreError) in
            try await rotation.start(askedBy: administrator)
        }
    }

    func keyRotation() async throws(ToolAuthError) -> KeyRotationStatus { await rotation.status }
}

extension SealedCounts {
    /// Such as `2 grants and 1 revocation`.
    var sentencePart: String {
        let parts = [(grants, "grant"), (revocations, "revocation"), (authorizations, "authorization")]
            .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        guard let last = parts.last else { return "nothing" }
        let others = parts.dropLast().joined(separator: ", ")
        return others.isEmpty ? last : "\(others) and \(last)"
    }
}
