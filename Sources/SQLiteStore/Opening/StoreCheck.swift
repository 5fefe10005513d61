import Glibc
package import ToolAuthCore

/// Whether a store would open, found out without changing a byte, also while a daemon has it open.
package enum StoreCheck {
    package struct Report: Sendable, Equatable {
        /// Absolute path of the database.
        package let database: String
        /// The process that has it open; nil: none has.
        package let holder: String?
        /// nil: there is no store yet.
        package let store: Store?

        package struct Store: Sendable, Equatable {
            package let grants: Int
            /// How many of the migrations it has gone through, of how many.
            package let schema: Int
            package let newestSchema: Int
            /// The keys that seal it; empty: nothing is sealed.
            package let keyIDs: [String]
            package let hold: StoreHold?
        }
    }

    /// - Parameters:
    ///   - directory: the state directory; it need not exist.
    ///   - keys: where the master keys are; none is made.
    /// - Throws: what opening would: `notAccessible`, `corrupt`, `tooNew`, `key` or `io`.
    package static func run(directory path: String, keys: KeySource) throws(StoreError) -> Report {
        if access(path, F_OK) != 0, errno == ENOENT {
            return Report(database: "\(path)/toolauthd.db", holder: nil, store: nil)
        }
        let directory = try StateDirectory(inspecting: path)
        let facts = try StoreInspection(database: directory.database, isInUse: directory.isInUse).facts()
        if facts == nil { try directory.requireNoRestore() }
        try directory.requireWritable(databaseExists: facts != nil)
        try directory.requireTightenable(databaseExists: facts != nil)
        _ = try KeyRing.existing(keys, for: facts)
        return Report(
            database: directory.database, holder: directory.isInUse ? directory.holder : nil,
            store: facts.map { facts in
                Report.Store(
                    grants: facts.grants, schema: facts.schema, newestSchema: Schema.version,
                    keyIDs: facts.holdsSealedData ? facts.keyChecks.map(\.keyID) : [], hold: facts.hold)
            })
    }
}
