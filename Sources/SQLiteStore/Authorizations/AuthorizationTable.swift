import Crypto
import FoundationEssentials
import GRDB
import ToolAuthCore

/// The statements on `authorizations`, each inside the transaction of its caller.
struct AuthorizationTable {
    let db: Database
    let sealer: Sealer

    /// After its expiry, how long a flow whose state was used counts as under way: its exchange takes a minute at most.
    private static let exchangeGrace: Duration = .seconds(120)

    // MARK: Beginning

    /// - Returns: how many flows could still be completed at `now`.
    func pendingCount(now: Timestamp) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM authorizations
                WHERE status = 'pending' AND consumed_at IS NULL AND expires_at > ?
                """, arguments: [now.stored]) ?? 0
    }

    /// The pending flows of `key`, oldest first.
    func pendingIDs(of key: ToolAuthKey) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT id FROM authorizations
                WHERE tool_id = ? AND user_id = ? AND status = 'pending' AND consumed_at IS NULL
                ORDER BY created_at, rowid
                """, arguments: [key.toolID.rawValue, key.userID.rawValue])
    }

    func insert(_ pending: PendingAuthorization) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO authorizations (id, tool_id, user_id, state_hash, status, redirect_uri, frontend_redirect,
                    scope, issuer, requires_issuer, client_id, connection, created_at, expires_at, code_verifier, nonce)
                VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let (id, key) = (pending.id, pending.key)
        try statement.execute(
            arguments: [
                id, key.toolID.rawValue, key.userID.rawValue, Self.hash(pending.state), pending.redirectURI,
                pending.frontendRedirect, pending.scope, pending.issuer, pending.requiresIssuer, pending.clientID,
                try StoredMap.text(pending.connection), pending.createdAt.stored, pending.expiresAt.stored,
                try pending.codeVerifier.map { try sealer.seal($0, for: .authorization(id, key, .codeVerifier)) },
                try pending.nonce.map { try sealer.seal($0, for: .authorization(id, key, .nonce)) },
            ])
    }

    /// - Returns: whether there was such a flow.
    func delete(_ id: String) throws -> Bool {
        try db.execute(sql: "DELETE FROM authorizations WHERE id = ?", arguments: [id])
        return db.changesCount > 0
    }

    // MARK: Consuming

    func consume(_ state: Secret, now: Timestamp) throws -> Consumption {
        let statement = try db.cachedStatement(sql: "SELECT * FROM authorizations WHERE state_hash = ?")
        guard let row = try Row.fetchOne(statement, arguments: [Self.hash(state)]) else { return .unknown }
        if try row.timestampIfAny("consumed_at") != nil { return .used }
        if try row.timestamp("expires_at") <= now { return .expired }
        // From here on the verifier is only in memory: the code it belongs to is good for one exchange.
        try db.execute(
            sql: "UPDATE authorizations SET consumed_at = ?, code_verifier = NULL, nonce = NULL WHERE id = ?",
            arguments: [now.stored, try row.text("id")])
        if let pending = try pending(row, state) { return .pending(pending) }
        try finish(
            try row.text("id"), .failed, error: "The key that sealed this authorization is missing. Connect again.",
            keepUntil: try row.timestamp("expires_at"))
        return .unknown
    }

    /// - Returns: nil if the verifier or the nonce does not open.
    private func pending(_ row: Row, _ state: Secret) throws -> PendingAuthorization? {
        let (id, key) = (try row.text("id"), try row.key())
        let sealedVerifier = try row.blobIfAny("code_verifier")
        let sealedNonce = try row.blobIfAny("nonce")
        let verifier = sealedVerifier.flatMap { sealer.open($0, for: .authorization(id, key, .codeVerifier)) }
        let nonce = sealedNonce.flatMap { sealer.open($0, for: .authorization(id, key, .nonce)) }
        guard (sealedVerifier == nil) == (verifier == nil), (sealedNonce == nil) == (nonce == nil) else { return nil }
        return PendingAuthorization(
            id: id, key: key, state: state, codeVerifier: verifier, nonce: nonce, authURL: "",
            redirectURI: try row.text("redirect_uri"), frontendRedirect: try row.textIfAny("frontend_redirect"),
            scope: try row.text("scope"), issuer: try row.textIfAny("issuer"),
            requiresIssuer: try row.flag("requires_issuer"), clientID: try row.text("client_id"),
            connection: try StoredMap.map(try row.text("connection")), createdAt: try row.timestamp("created_at"),
            expiresAt: try row.timestamp("expires_at"))
    }

    // MARK: Afterwards

    func finish(_ id: String, _ status: AuthorizationStatus, error: String?, keepUntil: Timestamp) throws {
        try db.execute(
            sql: """
                UPDATE authorizations SET status = ?, error = ?, keep_until = ?, code_verifier = NULL, nonce = NULL
                WHERE id = ?
                """, arguments: [status.rawValue, error, keepUntil.stored, id])
    }

    func summary(_ id: String, now: Timestamp) throws -> AuthorizationSummary? {
        let statement = try db.cachedStatement(sql: "SELECT * FROM authorizations WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
        if let keepUntil = try row.timestampIfAny("keep_until"), keepUntil <= now { return nil }
        guard let status = AuthorizationStatus(rawValue: try row.text("status")) else { throw UnreadableValue() }
        var summary = AuthorizationSummary(
            id: id, key: try row.key(), status: status, error: try row.textIfAny("error"),
            expiresAt: try row.timestamp("expires_at"))
        if status == .pending {
            if try row.timestampIfAny("consumed_at") == nil {
                if summary.expiresAt <= now { summary.status = .expired }
            } else if summary.expiresAt + Self.exchangeGrace <= now {
                summary.status = .failed
                summary.error = "The exchange was interrupted. Connect again."
            }
        }
        return summary
    }

    func purge(now: Timestamp, keepExpiredFor: Duration) throws {
        try db.execute(
            sql: "DELETE FROM authorizations WHERE coalesce(keep_until, expires_at + ?) <= ?",
            arguments: [keepExpiredFor.wholeMilliseconds, now.stored])
    }

    private static func hash(_ state: Secret) -> Data {
        state.withUnsafeBytes { Data(SHA256.hash(data: $0)) }
    }
}
