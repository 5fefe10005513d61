/// The names of the fields that journal entries of ours have. Scripts select by them: they do not change.
package enum JournalField {
    /// 32 hexadecimal digits that name the kind of entry, see ``MessageID``.
    package static let messageID = "MESSAGE_ID"

    /// More than once where an entry is about several tools.
    package static let tool = "TOOLAUTH_TOOL"
    package static let user = "TOOLAUTH_USER"
    /// The name of the event, such as `auth.refreshed`.
    package static let event = "TOOLAUTH_EVENT"
    /// How an attempt ended, such as `refreshed` or `transient`.
    package static let outcome = "TOOLAUTH_OUTCOME"
    /// A stable word for what went wrong, such as `invalid_grant` or `timeout`.
    package static let error = "TOOLAUTH_ERROR"
    /// Why a grant needs its user, such as `grant_rejected`.
    package static let reason = "TOOLAUTH_REASON"
    /// Client id and token endpoint.
    package static let endpoint = "TOOLAUTH_ENDPOINT"
    /// How long an attempt, a start or an outage took, in whole microseconds.
    package static let durationUsec = "TOOLAUTH_DURATION_USEC"
    /// By how much a clock was set, or differs, in whole microseconds; negative: backwards, or behind.
    package static let stepUsec = "TOOLAUTH_STEP_USEC"
    /// When the grant is due again, RFC 3339.
    package static let nextAttempt = "TOOLAUTH_NEXT_ATTEMPT"
    /// Until when the access token is valid, RFC 3339.
    package static let expiresAt = "TOOLAUTH_EXPIRES_AT"
    /// Which of the tokens a grant has had is meant.
    package static let generation = "TOOLAUTH_GENERATION"
    /// How many the entry stands for.
    package static let count = "TOOLAUTH_COUNT"
    /// How many there were since it began, where sums go on for minutes.
    package static let total = "TOOLAUTH_TOTAL"
    /// The rule that let a client in.
    package static let rule = "TOOLAUTH_RULE"
    package static let peerPID = "TOOLAUTH_PEER_PID"
    /// How many processes the entry stands for, where it is about no single one.
    package static let processes = "TOOLAUTH_PROCESSES"
    package static let peerUID = "TOOLAUTH_PEER_UID"
    package static let peerUnit = "TOOLAUTH_PEER_UNIT"
    /// The name of a master key.
    package static let keyID = "TOOLAUTH_KEY_ID"
    /// The version of the program.
    package static let version = "TOOLAUTH_VERSION"

    /// What the names of all fields of our own begin with.
    package static let prefix = "TOOLAUTH_"
}
