import ToolAuthCore

/// What is known of a store before it is opened for writing.
struct StoreFacts: Sendable {
    struct KeyCheck: Sendable {
        let keyID: String
        let value: [UInt8]
    }

    /// The keys it was sealed with.
    let keyChecks: [KeyCheck]
    /// Whether any token or verifier lies in it.
    let holdsSealedData: Bool
    var grants = 0
    /// How many of the migrations it has gone through.
    var schema = 0
    /// What it says itself of being held; its machine was not looked at.
    var hold: StoreHold?

    /// For messages: `the key k1`, `the keys k1, k2`.
    var keyList: String {
        (keyChecks.count == 1 ? "the key " : "the keys ") + keyChecks.map(\.keyID).joined(separator: ", ")
    }
}
