import FoundationEssentials
import ToolAuthCore

extension Sealer {
    /// Joins a record and its sealed tokens. If one of them does not open, neither is given, and the status says so.
    ///
    /// - Parameter place: where a column of the row lies.
    func openTokens(
        of record: ToolAuthRecord, access: Data?, refresh: Data?,
        as place: (ToolAuthKey, SealedPlace.Column) -> SealedPlace
    ) -> ToolAuth {
        let accessToken = access.flatMap { open($0, for: place(record.key, .accessToken)) }
        let refreshToken = refresh.flatMap { open($0, for: place(record.key, .refreshToken)) }
        if (access == nil) == (accessToken == nil), (refresh == nil) == (refreshToken == nil) {
            return ToolAuth(record: record, accessToken: accessToken, refreshToken: refreshToken)
        }
        var record = record
        record.status = .needsReauthorization(.undecryptable)
        return ToolAuth(record: record, accessToken: nil, refreshToken: nil)
    }
}
