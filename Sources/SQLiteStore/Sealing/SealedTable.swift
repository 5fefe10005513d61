import FoundationEssentials
import GRDB
import ToolAuthCore

/// A table with two sealed columns, for those who go through everything that is sealed.
struct SealedTable: Sendable {
    let name: String
    let kind: SealedPlace.Kind
    let columns: (SealedPlace.Column, SealedPlace.Column)
    /// What tells a row from others of the same tool and user (``SealedPlace/id``), in SQL.
    let identity: String
    let count: @Sendable (inout SealedCounts, Int) -> Void

    static let all = [
        SealedTable(
            name: "tool_auths", kind: .toolAuth, columns: (.accessToken, .refreshToken), identity: "''",
            count: { $0.grants += $1 }),
        SealedTable(
            name: "revocations", kind: .revocation, columns: (.accessToken, .refreshToken), identity: "seal_id",
            count: { $0.revocations += $1 }),
        SealedTable(
            name: "authorizations", kind: .authorization, columns: (.codeVerifier, .nonce), identity: "id",
            count: { $0.authorizations += $1 }),
    ]

    // MARK: By which key

    /// How many rows name each key. A row that names two counts for both.
    static func counts(in db: Database) throws -> [String: SealedCounts] {
        var counts: [String: SealedCounts] = [:]
        for table in all {
            let (first, second) = table.columns
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT first, second, count(*) AS rows FROM (
                        SELECT \(keyID(first)) AS first, \(keyID(second)) AS second FROM \(table.name)
                    ) GROUP BY first, second
                    """)
            for row in rows {
                let named = Set([try row.textIfAny("first"), try row.textIfAny("second")].compactMap(\.self))
                for id in named where MasterKey.isValidID(id.utf8) {
                    table.count(&counts[id, default: SealedCounts()], try row.integer("rows"))
                }
            }
        }
        return counts
    }

    /// The key that a blob's header names, in SQL; NULL: none.
    private static func keyID(_ column: SealedPlace.Column) -> String {
        let blob = column.rawValue
        return """
            CASE WHEN substr(\(blob), 1, 1) = x'01' THEN
                CAST(substr(\(blob), 3, unicode(CAST(substr(\(blob), 2, 1) AS TEXT))) AS TEXT) END
            """
    }

    /// How many rows in all tables are sealed otherwise than with a key.
    static func countOthers(than keyID: String, in db: Database) throws -> Int {
        try all.reduce(0) { sum, table in
            let count = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM \(table.name) WHERE \(table.isSealedOtherwise)",
                arguments: ["header": Data(Sealer.header(naming: keyID))])
            return sum + (count ?? 0)
        }
    }

    /// The first rows after `row` that are sealed otherwise than with a key.
    func rows(after row: Int64, sealedOtherwiseThan keyID: String, limit: Int, in db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: """
                SELECT rowid FROM \(name) WHERE rowid > :row AND (\(isSealedOtherwise)) ORDER BY rowid LIMIT :limit
                """,
            arguments: ["row": row, "limit": limit, "header": Data(Sealer.header(naming: keyID))])
    }

    /// Of a NULL it is not true.
    private var isSealedOtherwise: String {
        let (first, second) = columns
        return [first, second].map { "substr(\($0.rawValue), 1, length(:header)) <> :header" }
            .joined(separator: " OR ")
    }

    // MARK: Sealing anew

    /// Seals a row with the newest key, if another has sealed it.
    ///
    /// - Returns: whether it is sealed with the newest key now; nil: it is gone, or was already.
    func reseal(_ row: Int64, with sealer: Sealer, in db: Database) throws -> Bool? {
        let (first, second) = (columns.0.rawValue, columns.1.rawValue)
        let statement = try db.cachedStatement(
            sql: """
                SELECT tool_id, user_id, \(identity) AS place_id, \(first) AS first, \(second) AS second
                FROM \(name) WHERE rowid = ?
                """)
        guard let found = try Row.fetchOne(statement, arguments: [row]) else { return nil }
        let newest = Sealer.header(naming: sealer.ring.newest.id)
        let former = (try found.blobIfAny("first"), try found.blobIfAny("second"))
        if [former.0, former.1].allSatisfy({ $0?.starts(with: newest) ?? true }) { return nil }
        // A row whose identity is damaged is like one whose tokens are.
        guard let key = try? found.key(), let id = try? found.text("place_id") else { return false }
        func resealed(_ blob: Data?, _ column: SealedPlace.Column) throws -> Data?? {
            guard let blob else { return .some(nil) }
            let place = SealedPlace(kind: kind, key: key, id: id, column: column)
            guard let secret = sealer.open(blob, for: place) else { return nil }
            return try sealer.seal(secret, for: place)
        }
        guard let one = try resealed(former.0, columns.0), let other = try resealed(former.1, columns.1) else {
            return false
        }
        try db.cachedStatement(sql: "UPDATE \(name) SET \(first) = ?, \(second) = ? WHERE rowid = ?")
            .execute(arguments: [one, other, row])
        return true
    }
}
