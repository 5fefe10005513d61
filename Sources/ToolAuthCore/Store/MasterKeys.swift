/// The master keys of a store, and what each of them seals.
package struct MasterKeys: Sendable, Equatable {
    /// Newest last, as they stand where they come from; after them, names of keys that are nowhere and that records ask for.
    package var keys: [MasterKeySummary]
    package var origin: KeyOrigin

    package init(_ keys: [MasterKeySummary], from origin: KeyOrigin) {
        self.keys = keys
        self.origin = origin
    }
}

/// Where master keys come from.
package enum KeyOrigin: Sendable, Equatable {
    /// A file that the daemon may change.
    case file(String)
    /// A credential of the unit, which only the administrator changes.
    case credential(String)
}

package struct MasterKeySummary: Sendable, Equatable {
    package let id: String
    /// Whether it is the newest: what is stored from now on is sealed with it.
    package var isSealing: Bool
    /// Whether the key is at hand; else what it sealed does not open.
    package var isPresent: Bool
    /// What it has sealed.
    package var records: SealedCounts

    package init(id: String, isSealing: Bool, isPresent: Bool, records: SealedCounts = SealedCounts()) {
        self.id = id
        self.isSealing = isSealing
        self.isPresent = isPresent
        self.records = records
    }
}

/// How many rows of each kind.
package struct SealedCounts: Sendable, Equatable {
    package var grants: Int
    /// Tokens that wait to be revoked.
    package var revocations: Int
    /// Flows whose user has not come back yet.
    package var authorizations: Int

    package init(grants: Int = 0, revocations: Int = 0, authorizations: Int = 0) {
        self.grants = grants
        self.revocations = revocations
        self.authorizations = authorizations
    }

    package var total: Int { grants + revocations + authorizations }
}

/// What came of asking for a new key.
package enum AddedKey: Sendable, Equatable {
    /// The id of the key that seals from now on.
    case added(String)
    /// The keys come from a credential, which the daemon cannot change.
    case readOnly(credential: String)
}

/// What came of taking a key away.
package enum RetiredKey: Sendable, Equatable {
    /// It is gone from the key file; its line lies in the file named.
    case retired(keptIn: String)
    /// The store does not need it any more; its line is still in the credential, which the daemon cannot change.
    case released(credential: String)
    case unknown
    /// It is the newest.
    case sealing
    /// It has sealed these.
    case inUse(SealedCounts)
}

/// What is to be sealed anew.
package struct ResealingGoal: Sendable, Equatable {
    /// The newest key.
    package let keyID: String
    /// How many rows another key has sealed.
    package let count: Int

    package init(keyID: String, count: Int) {
        self.keyID = keyID
        self.count = count
    }
}

/// How far one pass through the rows has come.
package struct ResealingPosition: Sendable, Equatable {
    package let table: Int
    package let row: Int64

    package init(table: Int, row: Int64) {
        self.table = table
        self.row = row
    }
}

package struct ResealedPage: Sendable, Equatable {
    /// Where to go on; nil: the pass is over.
    package let next: ResealingPosition?
    package let resealed: Int
    /// Rows that no key at hand opens; they stay as they are.
    package let unopened: Int

    package init(next: ResealingPosition?, resealed: Int, unopened: Int) {
        self.next = next
        self.resealed = resealed
        self.unopened = unopened
    }
}
