/// All that is known of a grant except its secrets: safe to list, log and send.
public struct ToolAuthRecord: Sendable, Equatable {
    public let key: ToolAuthKey
    public var toolID: ToolID { key.toolID }
    public var userID: UserID { key.userID }

    public var status: ToolAuthStatus = .healthy
    /// As the provider sent it, in its spelling.
    public var tokenType: String
    /// Granted scopes, separated by single spaces.
    public var scope: String
    /// When the request that brought the access token was *sent*; its life counts from here.
    public var obtainedAt: Timestamp
    /// nil: the provider said nothing of an end.
    public var expiresAt: Timestamp?
    public var refreshTokenExpiresAt: Timestamp?
    public var hasAccessToken: Bool
    public var hasRefreshToken: Bool

    /// When the scan refreshes it, jitter included; nil: never by itself.
    public var refreshAt: Timestamp?
    /// When the refresh token must be used lest it idle out; nil: it does not.
    public var keepaliveAt: Timestamp?
    /// When the next announcement of the grant's end is due; nil: none is.
    public var announceAt: Timestamp?
    /// Not before: back-off, confirmation, resend. nil after a success.
    public var nextAttemptAt: Timestamp?

    public var lastRefreshedAt: Timestamp?
    public var lastAttemptAt: Timestamp?
    public var lastError: AttemptFailure?
    /// ``RefreshOutcome/name`` of the last attempt.
    public var lastOutcome: String?
    public var consecutiveFailures: Int = 0
    /// Since when the provider may hold a newer refresh token than we do; nil: settled.
    public var unsettledSince: Timestamp?
    /// How often the same refresh token was sent again while unsettled, outside of its provider's replay window.
    public var unsettledResends: Int = 0
    /// Since when the provider's refusal of the grant waits to be confirmed; nil: it does not.
    public var grantRejectedAt: Timestamp?
    /// The attempt under way, durable before its request is sent; nil: none, or its end is recorded.
    public var attempt: Attempt?

    /// When the user consented, or the tokens were imported: what an absolute limit of the grant counts from.
    public var grantedAt: Timestamp
    /// When the token was last fetched, to the hour; kept only where the policy asks for it.
    public var lastUsedAt: Timestamp?
    /// The last threshold, in days before its end, that was announced for this grant; nil: none.
    public var announcedDays: Int?
    /// How many refreshes in a row left ``refreshTokenExpiresAt`` where it was; two show that none moves it.
    public var unmovedEnds: Int = 0
    /// What the wall clock was like when ``obtainedAt`` was read; nil: not known.
    public var boot: BootReference?
    /// What it was like at the end of the last attempt, which may have been another boot's; nil: not known.
    public var attemptBoot: BootReference?

    /// Changes whenever the tokens do; drawn from one sequence of the store that never repeats.
    public var generation: Int64 = 0
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// What the provider told besides, such as `instance_url`; never a secret.
    public var metadata: [String: String] = [:]

    /// The client that obtained the tokens; they are never used by another.
    public var clientID: String
    /// `scheme://host:port` of the token endpoint that issued them; they are never posted elsewhere.
    public var tokenOrigin: String

    public init(
        key: ToolAuthKey, tokenType: String, scope: String, obtainedAt: Timestamp, expiresAt: Timestamp?,
        hasAccessToken: Bool, hasRefreshToken: Bool, clientID: String, tokenOrigin: String, createdAt: Timestamp
    ) {
        self.key = key
        self.tokenType = tokenType
        self.scope = scope
        self.obtainedAt = obtainedAt
        self.expiresAt = expiresAt
        self.hasAccessToken = hasAccessToken
        self.hasRefreshToken = hasRefreshToken
        self.clientID = clientID
        self.tokenOrigin = tokenOrigin
        self.createdAt = createdAt
        self.updatedAt = createdAt
        self.grantedAt = createdAt
    }

    /// When the scan should next look at it: `nextAttemptAt` if set, else the earliest of `refreshAt`, `keepaliveAt` and
    /// `announceAt`; nil while there is nothing to do: the grant is dead, or an attempt is under way.
    public var dueAt: Timestamp? {
        if status.reason != nil || attempt != nil { return nil }
        return nextAttemptAt ?? [refreshAt, keepaliveAt, announceAt].compactMap(\.self).min()
    }

    /// How long the access token lives on at `now`; nil: no end is known. Zero or less: it ended.
    public func remainingLife(at now: Timestamp) -> Duration? {
        expiresAt.map { $0 - now }
    }
}
