import ToolAuthCore

/// The columns of `tool_auths` that a record is written to and read from.
enum RecordColumns {
    /// What a record is read from, in the order of ``ToolAuthRecord/init(_:)``; the tokens themselves are not touched.
    static let selection = """
        tool_id, user_id, token_type, scope, obtained_at, expires_at, access_token NOTNULL, refresh_token NOTNULL,
        client_id, token_origin, created_at, status, reason, refresh_token_expires_at, refresh_at, keepalive_at,
        next_attempt_at, last_refreshed_at, last_attempt_at, last_outcome, last_error_code, last_error_detail,
        last_error_http_status, consecutive_failures, unsettled_since, unsettled_resends, grant_rejected_at,
        attempt_id, attempt_started_at, granted_at, last_used_at, announce_at, announced_days, unmoved_ends,
        boot_id, boot_offset, attempt_boot_id, attempt_boot_offset, generation, updated_at, metadata
        """

    /// Written with every change of a record.
    static let written = watched + unwatched

    /// Those that triggers and an index wait for: to name one in an UPDATE costs their work, also where it stays as it is,
    /// which it does with nearly every refresh. In the order of ``bindWatched(_:to:)``.
    static let watched = ["status", "client_id", "token_origin"]

    /// In the order of ``bindUnwatched(_:to:)``.
    static let unwatched = [
        "reason", "token_type", "scope", "obtained_at", "expires_at", "refresh_token_expires_at", "refresh_at",
        "keepalive_at", "next_attempt_at", "last_refreshed_at", "last_attempt_at", "last_outcome", "last_error_code",
        "last_error_detail", "last_error_http_status", "consecutive_failures", "unsettled_since", "unsettled_resends",
        "grant_rejected_at", "attempt_id", "attempt_started_at", "generation", "updated_at", "metadata", "granted_at",
        "last_used_at", "announce_at", "announced_days", "unmoved_ends", "boot_id", "boot_offset", "attempt_boot_id",
        "attempt_boot_offset", "due_at",
    ]

    /// The values of ``written``.
    static func bind(_ record: ToolAuthRecord, to values: inout ValueBinder) throws {
        bindWatched(record, to: &values)
        try bindUnwatched(record, to: &values)
    }

    static func bindWatched(_ record: ToolAuthRecord, to values: inout ValueBinder) {
        values.bind(record.status.name)
        values.bind(record.clientID)
        values.bind(record.tokenOrigin)
    }

    static func bindUnwatched(_ record: ToolAuthRecord, to values: inout ValueBinder) throws {
        values.bind(record.status.reason?.rawValue)
        values.bind(record.tokenType)
        values.bind(record.scope)
        values.bind(record.obtainedAt)
        values.bind(record.expiresAt)
        values.bind(record.refreshTokenExpiresAt)
        values.bind(record.refreshAt)
        values.bind(record.keepaliveAt)
        values.bind(record.nextAttemptAt)
        values.bind(record.lastRefreshedAt)
        values.bind(record.lastAttemptAt)
        values.bind(record.lastOutcome)
        values.bind(record.lastError?.code)
        values.bind(record.lastError?.detail)
        values.bind(record.lastError?.providerStatus)
        values.bind(record.consecutiveFailures)
        values.bind(record.unsettledSince)
        values.bind(record.unsettledResends)
        values.bind(record.grantRejectedAt)
        values.bind(record.attempt?.id)
        values.bind(record.attempt?.startedAt)
        values.bind(record.generation)
        values.bind(record.updatedAt)
        values.bind(try StoredMap.text(record.metadata))
        values.bind(record.grantedAt)
        values.bind(record.lastUsedAt)
        values.bind(record.announceAt)
        values.bind(record.announcedDays)
        values.bind(record.unmovedEnds)
        values.bind(record.boot?.bootID)
        values.bind(record.boot?.offset)
        values.bind(record.attemptBoot?.bootID)
        values.bind(record.attemptBoot?.offset)
        values.bind(record.dueAt)
    }
}

extension Timestamp {
    /// As it lies in a column: milliseconds since 1970.
    var stored: Int64 { millisecondsSinceEpoch }
}
