import Crypto
import FoundationEssentials
import ToolAuthCore

/// Seals and opens the columns of one row with the keys of one moment. The row's own key is derived once for all columns that
/// name the same master key.
struct RowSealer {
    private let ring: KeyRing
    private let row: SealedPlace
    private var derived: (masterID: String, key: SymmetricKey)?

    /// - Parameter row: The place of any of its columns.
    init(_ ring: KeyRing, _ row: SealedPlace) {
        self.ring = ring
        self.row = row
    }

    /// - Throws: `misuse` if the cipher refuses, which it has no reason to.
    mutating func seal(_ secret: Secret, in column: SealedPlace.Column) throws(StoreError) -> Data {
        let place = row.beside(column)
        let master = ring.newest
        let key = key(under: master)
        let header = Sealer.header(naming: master.id)
        do {
            let sealed = try secret.withUnsafeBytes { bytes in
                try AES.GCM.seal(bytes, using: key, authenticating: place.associatedData(header: header))
            }
            guard let combined = sealed.combined else {
                throw StoreError(.misuse, "AES-GCM made a nonce of odd length.")
            }
            return Data(header) + combined
        } catch {
            throw StoreError(.misuse, "Sealing the \(column.rawValue) of \(place.key) failed.")
        }
    }

    /// - Returns: nil if no present key opens the blob in this column.
    mutating func open(_ blob: Data, in column: SealedPlace.Column) -> Secret? {
        guard let header = Sealer.header(of: blob), let master = ring.key(header.keyID),
            let box = try? AES.GCM.SealedBox(combined: blob.dropFirst(header.count)),
            var opened = try? AES.GCM.open(
                box, using: key(under: master),
                authenticating: row.beside(column).associatedData(header: blob.prefix(header.count)))
        else { return nil }
        defer { opened.erase() }
        return Secret(opened)
    }

    private mutating func key(under master: MasterKey) -> SymmetricKey {
        if let derived, derived.masterID == master.id { return derived.key }
        let key = master.derive(row.recordInfo)
        derived = (master.id, key)
        return key
    }
}
