import FoundationEssentials
import GRDB
import ToolAuthCore

/// The queue of tokens to be revoked, each inside the transaction of its caller.
struct RevocationTable {
    let db: Database
    let sealer: Sealer

    /// Tokens that are none, or did not open, are not queued: there is nothing to send.
    func insert(_ toolAuth: ToolAuth, deadline: Timestamp, now: Timestamp) throws {
        if toolAuth.accessToken == nil && toolAuth.refreshToken == nil { return }
        let record = toolAuth.record
        let sealID = Self.randomID()
        let sealed = try sealer.sealTokens(of: toolAuth, in: .revocation(sealID, record.key, .accessToken))
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO revocations (seal_id, tool_id, user_id, token_type, scope, obtained_at, expires_at,
                    refresh_token_expires_at, generation, created_at, metadata, client_id, token_origin, attempts, due_at,
                    deadline, access_token, refresh_token)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)
                """)
        try statement.execute(
            arguments: [
                sealID, record.toolID.rawValue, record.userID.rawValue, record.tokenType, record.scope,
                record.obtainedAt.stored, record.expiresAt?.stored, record.refreshTokenExpiresAt?.stored,
                record.generation, record.createdAt.stored, try StoredMap.text(record.metadata), record.clientID,
                record.tokenOrigin, now.stored, deadline.stored, sealed.access, sealed.refresh,
            ])
    }

    func due(now: Timestamp, limit: Int) throws -> [QueuedRevocation] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT *, access_token NOTNULL AS has_access_token, refresh_token NOTNULL AS has_refresh_token
                FROM revocations WHERE due_at <= ? ORDER BY due_at, id LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [now.stored, max(0, limit)]).map(revocation)
    }

    private func revocation(_ row: Row) throws -> QueuedRevocation {
        var record = ToolAuthRecord(
            key: try row.key(), tokenType: try row.text("token_type"), scope: try row.text("scope"),
            obtainedAt: try row.timestamp("obtained_at"), expiresAt: try row.timestampIfAny("expires_at"),
            hasAccessToken: try row.flag("has_access_token"), hasRefreshToken: try row.flag("has_refresh_token"),
            clientID: try row.text("client_id"), tokenOrigin: try row.text("token_origin"),
            createdAt: try row.timestamp("created_at"))
        record.refreshTokenExpiresAt = try row.timestampIfAny("refresh_token_expires_at")
        record.generation = try row.decode(Int64.self, forColumn: "generation")
        record.metadata = try StoredMap.map(try row.text("metadata"))
        let sealID = try row.text("seal_id")
        return QueuedRevocation(
            id: try row.decode(Int64.self, forColumn: "id"),
            toolAuth: sealer.openTokens(
                of: record, access: try row.blobIfAny("access_token"), refresh: try row.blobIfAny("refresh_token"),
                in: .revocation(sealID, record.key, .accessToken)),
            attempts: try row.integer("attempts"), deadline: try row.timestamp("deadline"))
    }

    private static func randomID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(generator.next(), radix: 36) }.joined(separator: "-")
    }
}
