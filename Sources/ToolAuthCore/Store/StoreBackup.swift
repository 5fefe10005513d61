/// A copy of the store as it was at one instant, sealed as the store is; read once, from its beginning to its end.
package protocol StoreBackup: Sendable {
    /// Bytes in all.
    var size: Int { get }

    /// The next bytes; nil: that was all.
    func next() async throws(StoreError) -> [UInt8]?
}
