package import ToolAuthCore

/// A token handed to a client.
package struct TokenUse: Sendable, Equatable {
    /// The rule that let the client in.
    package let rule: String
    package let peerPID: Int32
    package let peerUID: UInt32
    /// The peer's system unit; nil: it runs in none.
    package let peerUnit: String?
    package let key: ToolAuthKey
    /// Which of the grant's tokens it was.
    package let generation: Int64

    package init(
        rule: String, peerPID: Int32, peerUID: UInt32, peerUnit: String?, key: ToolAuthKey, generation: Int64
    ) {
        self.rule = rule
        self.peerPID = peerPID
        self.peerUID = peerUID
        self.peerUnit = peerUnit
        self.key = key
        self.generation = generation
    }

    /// What makes two uses the same for the audit.
    struct Identity: Hashable {
        let rule: String
        let peerPID: Int32
        let key: ToolAuthKey
        let generation: Int64
    }

    /// What processes have in common that are counted together.
    struct CrowdIdentity: Hashable {
        let rule: String
        let peerUID: UInt32
        let peerUnit: String?
        let key: ToolAuthKey
        let generation: Int64
    }

    var crowdIdentity: CrowdIdentity {
        CrowdIdentity(rule: rule, peerUID: peerUID, peerUnit: peerUnit, key: key, generation: generation)
    }

    var identity: Identity { Identity(rule: rule, peerPID: peerPID, key: key, generation: generation) }
}
