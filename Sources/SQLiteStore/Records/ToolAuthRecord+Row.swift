import GRDB
import ToolAuthCore

extension ToolAuthRecord {
    /// - Parameter row: of ``RecordColumns/selection``.
    init(_ row: Row) throws {
        self.init(
            key: try row.key(), tokenType: try row.text("token_type"), scope: try row.text("scope"),
            obtainedAt: try row.timestamp("obtained_at"), expiresAt: try row.timestampIfAny("expires_at"),
            hasAccessToken: try row.flag("has_access_token"), hasRefreshToken: try row.flag("has_refresh_token"),
            clientID: try row.text("client_id"), tokenOrigin: try row.text("token_origin"),
            createdAt: try row.timestamp("created_at"))
        status = try row.status()
        refreshTokenExpiresAt = try row.timestampIfAny("refresh_token_expires_at")
        refreshAt = try row.timestampIfAny("refresh_at")
        keepaliveAt = try row.timestampIfAny("keepalive_at")
        nextAttemptAt = try row.timestampIfAny("next_attempt_at")
        lastRefreshedAt = try row.timestampIfAny("last_refreshed_at")
        lastAttemptAt = try row.timestampIfAny("last_attempt_at")
        lastOutcome = try row.textIfAny("last_outcome")
        if let code = try row.textIfAny("last_error_code") {
            lastError = AttemptFailure(
                code: code, detail: try row.textIfAny("last_error_detail") ?? "",
                providerStatus: try row.decode(Int?.self, forColumn: "last_error_http_status"))
        }
        consecutiveFailures = try row.integer("consecutive_failures")
        unsettledSince = try row.timestampIfAny("unsettled_since")
        unsettledResends = try row.integer("unsettled_resends")
        grantRejectedAt = try row.timestampIfAny("grant_rejected_at")
        if let id = try row.textIfAny("attempt_id") {
            attempt = Attempt(id: id, startedAt: try row.timestamp("attempt_started_at"))
        }
        grantedAt = try row.timestamp("granted_at")
        lastUsedAt = try row.timestampIfAny("last_used_at")
        announceAt = try row.timestampIfAny("announce_at")
        announcedDays = try row.decode(Int?.self, forColumn: "announced_days")
        unmovedEnds = try row.integer("unmoved_ends")
        boot = try row.boot("boot_id", "boot_offset")
        attemptBoot = try row.boot("attempt_boot_id", "attempt_boot_offset")
        generation = try row.decode(Int64.self, forColumn: "generation")
        updatedAt = try row.timestamp("updated_at")
        metadata = try StoredMap.map(try row.text("metadata"))
    }
}

extension Row {
    /// nil where either is NULL.
    func boot(_ bootID: String, _ offset: String) throws -> BootReference? {
        guard let bootID = try decode(Int64?.self, forColumn: bootID),
            let offset = try decode(Int64?.self, forColumn: offset)
        else { return nil }
        return BootReference(bootID: bootID, offset: offset)
    }
}
