import FoundationEssentials
import ToolAuthCore

extension Sealer {
    /// Joins a record and its sealed tokens. If one of them does not open, neither is given, and the status says so.
    ///
    /// - Parameter place: of any column of the row.
    func openTokens(of record: ToolAuthRecord, access: Data?, refresh: Data?, in place: SealedPlace) -> ToolAuth {
        var row = RowSealer(ring, place)
        let accessToken = access.flatMap { row.open($0, in: .accessToken) }
        let refreshToken = refresh.flatMap { row.open($0, in: .refreshToken) }
        if (access == nil) == (accessToken == nil), (refresh == nil) == (refreshToken == nil) {
            return ToolAuth(record: record, accessToken: accessToken, refreshToken: refreshToken)
        }
        var record = record
        record.status = .needsReauthorization(.undecryptable)
        return ToolAuth(record: record, accessToken: nil, refreshToken: nil)
    }

    /// Seals the tokens of a grant, those that it has.
    ///
    /// - Parameter place: of any column of the row.
    /// - Throws: as ``seal(_:for:)``.
    func sealTokens(
        of toolAuth: ToolAuth, in place: SealedPlace
    ) throws(StoreError) -> (access: Data?, refresh: Data?) {
        var row = RowSealer(ring, place)
        return (
            try toolAuth.accessToken.map { token throws(StoreError) in try row.seal(token, in: .accessToken) },
            try toolAuth.refreshToken.map { token throws(StoreError) in try row.seal(token, in: .refreshToken) }
        )
    }
}
