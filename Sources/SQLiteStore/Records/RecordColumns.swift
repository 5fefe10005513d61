import GRDB
import ToolAuthCore

/// The columns of `tool_auths` that a record is written to and read from.
enum RecordColumns {
    /// What a record is read from; the tokens themselves are not touched.
    static let selection = """
        tool_id, user_id, status, reason, token_type, scope, obtained_at, expires_at, refresh_token_expires_at,
        refresh_at, keepalive_at, next_attempt_at, last_refreshed_at, last_attempt_at, last_outcome, last_error_code,
        last_error_detail, last_error_http_status, consecutive_failures, unsettled_since, unsettled_resends,
        grant_rejected_at, attempt_id, attempt_started_at, generation, created_at, updated_at, metadata, client_id,
        token_origin, granted_at, last_used_at, announce_at, announced_days, unmoved_ends, boot_id, boot_offset,
        attempt_boot_id, attempt_boot_offset,
        access_token NOTNULL AS has_access_token, refresh_token NOTNULL AS has_refresh_token
        """

    /// Written with every change of a record, in the order of ``values(of:)``.
    static let written = [
        "status", "reason", "token_type", "scope", "obtained_at", "expires_at", "refresh_token_expires_at",
        "refresh_at", "keepalive_at", "next_attempt_at", "last_refreshed_at", "last_attempt_at", "last_outcome",
        "last_error_code", "last_error_detail", "last_error_http_status", "consecutive_failures", "unsettled_since",
        "unsettled_resends", "grant_rejected_at", "attempt_id", "attempt_started_at", "generation", "updated_at",
        "metadata", "client_id", "token_origin", "granted_at", "last_used_at", "announce_at", "announced_days",
        "unmoved_ends", "boot_id", "boot_offset", "attempt_boot_id", "attempt_boot_offset", "due_at",
    ]

    static func values(of record: ToolAuthRecord) throws -> [(any DatabaseValueConvertible)?] {
        [
            record.status.name, record.status.reason?.rawValue, record.tokenType, record.scope,
            record.obtainedAt.stored,
            record.expiresAt?.stored, record.refreshTokenExpiresAt?.stored, record.refreshAt?.stored,
            record.keepaliveAt?.stored, record.nextAttemptAt?.stored, record.lastRefreshedAt?.stored,
            record.lastAttemptAt?.stored, record.lastOutcome, record.lastError?.code, record.lastError?.detail,
            record.lastError?.providerStatus, record.consecutiveFailures, record.unsettledSince?.stored,
            record.unsettledResends, record.grantRejectedAt?.stored, record.attempt?.id,
            record.attempt?.startedAt.stored, record.generation, record.updatedAt.stored,
            try StoredMap.text(record.metadata), record.clientID, record.tokenOrigin, record.grantedAt.stored,
            record.lastUsedAt?.stored, record.announceAt?.stored, record.announcedDays, record.unmovedEnds,
            record.boot?.bootID, record.boot?.offset, record.attemptBoot?.bootID,
            record.attemptBoot?.offset, record.dueAt?.stored,
        ]
    }
}

extension Timestamp {
    /// As it lies in a column: milliseconds since 1970.
    var stored: Int64 { millisecondsSinceEpoch }
}
