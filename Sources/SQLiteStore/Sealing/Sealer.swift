import Crypto
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
        let master = ring.newest
        let header = Self.header(naming: master.id)
        do {
            let sealed = try secret.withUnsafeBytes { bytes in
                try AES.GCM.seal(
                    bytes, using: master.derive(place.recordInfo), authenticating: place.associatedData(header: header))
            }
            guard let combined = sealed.combined else {
                throw StoreError(.misuse, "AES-GCM made a nonce of odd length.")
            }
            return Data(header) + combined
        } catch {
            throw StoreError(.misuse, "Sealing the \(place.column.rawValue) of \(place.key) failed.")
        }
    }

    /// - Returns: nil if no present key opens the blob at this place.
    func open(_ blob: Data, for place: SealedPlace) -> Secret? {
        guard let header = Self.header(of: blob), let master = ring.key(header.keyID),
            let box = try? AES.GCM.SealedBox(combined: blob.dropFirst(header.count)),
            var opened = try? AES.GCM.open(
                box, using: master.derive(place.recordInfo),
                authenticating: place.associatedData(header: blob.prefix(header.count)))
        else { return nil }
        defer { opened.erase() }
        return Secret(opened)
    }

    /// What blobs of a key begin with, and those of no other.
    static func header(naming keyID: String) -> [UInt8] {
        [version, UInt8(truncatingIfNeeded: keyID.utf8.count)] + Array(keyID.utf8)
    }

    private static func header(of blob: Data) -> (keyID: String, count: Int)? {
        var bytes = blob.makeIterator()
        guard bytes.next() == version, let length = bytes.next(), length > 0, blob.count > 2 + Int(length) else {
            return nil
        }
        return (String(decoding: blob.dropFirst(2).prefix(Int(length)), as: UTF8.self), 2 + Int(length))
    }
}
