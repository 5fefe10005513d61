import FoundationEssentials
import ToolAuthCore

/// Seals secrets for their place in the store and opens them there: AES-256-GCM under a key derived for the row.
///
/// A blob is `version (1) | length of key id (1) | key id | nonce (12) | ciphertext | tag (16)`.
struct Sealer: Sendable {
    private let keys: KeysInForce

    private static let version: UInt8 = 1

    init(keys: KeysInForce) {
        self.keys = keys
    }

    /// The keys of this moment.
    var ring: KeyRing { keys.ring }

    /// - Throws: `misuse` if the cipher refuses, which it has no reason to.
    func seal(_ secret: Secret, for place: SealedPlace) throws(StoreError) -> Data {
        var row = RowSealer(ring, place)
        return try row.seal(secret, in: place.column)
    }

    /// - Returns: nil if no present key opens the blob at this place.
    func open(_ blob: Data, for place: SealedPlace) -> Secret? {
        var row = RowSealer(ring, place)
        return row.open(blob, in: place.column)
    }

    /// What blobs of a key begin with, and those of no other.
    static func header(naming keyID: String) -> [UInt8] {
        [version, UInt8(truncatingIfNeeded: keyID.utf8.count)] + Array(keyID.utf8)
    }

    /// - Returns: nil if it is no blob of this program.
    static func header(of blob: Data) -> (keyID: String, count: Int)? {
        var bytes = blob.makeIterator()
        guard bytes.next() == version, let length = bytes.next(), length > 0, blob.count > 2 + Int(length) else {
            return nil
        }
        return (String(decoding: blob.dropFirst(2).prefix(Int(length)), as: UTF8.self), 2 + Int(length))
    }
}
