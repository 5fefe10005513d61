/// When and how the grants of one tool are refreshed: the provider's habits and the administrator's wishes, merged.
public struct RefreshPolicy: Sendable, Equatable {
    /// How a new access token is had.
    public enum Method: String, Sendable, Equatable {
        /// With the refresh token (RFC 6749 §6).
        case refreshToken = "refresh_token"
        /// By the client itself, without a user (RFC 6749 §4.4).
        case reacquire
        /// The access token there is is exchanged for a new one, before it ends.
        case exchangeAccessToken = "exchange_access_token"
        /// Not at all.
        case none
    }

    /// What a refresh does to the refresh token it used.
    public enum Rotation: String, Sendable, Equatable {
        /// It stays.
        case none
        /// A new one comes and the old one goes on working.
        case rotating
        /// A new one comes and the old one is dead.
        case singleUse = "single_use"
    }

    /// Whom the daemon refreshes ahead of time.
    public enum Eagerness: String, Sendable, Equatable {
        /// Everybody; a token is always fresh.
        case eager
        /// Those whose token was fetched lately, see ``RefreshPolicy/idleAfter``; a token that is not fetched is only kept
        /// from idling out.
        case active
        /// Only on request.
        case onDemand = "on_demand"
    }

    /// How many requests the provider allows in a span.
    public struct Rate: Sendable, Equatable {
        /// Whose requests it counts.
        public enum Scope: String, Sendable, Equatable {
            /// All of the client's together.
            case client
            /// Each grant's on its own.
            case record
        }

        public var requests: Int
        public var per: Duration
        public var scope: Scope

        /// - Parameters:
        ///   - requests: 1 or more.
        ///   - per: longer than zero.
        public init(requests: Int, per: Duration, scope: Scope) {
            self.requests = requests
            self.per = per
            self.scope = scope
        }
    }

    public var method: Method = .refreshToken
    /// What a refresh does to the refresh token; decides whether one whose reply was lost is sent again.
    public var rotation: Rotation = .none
    /// How long a used refresh token still answers after a lost reply.
    public var replayWindow: Duration = .zero
    /// Whom to refresh before anybody asks.
    public var eagerness: Eagerness = .eager
    /// With ``Eagerness/active``: a token not fetched for so long is no longer refreshed ahead of time.
    public var idleAfter: Duration = .seconds(7 * 86_400)
    /// The share of a lifetime that a refresh comes before its end, within ``aheadMinimum`` and ``aheadMaximum``. A
    /// token that lives less than four minutes is refreshed at half of its life, whatever these say.
    public var aheadFraction: Double = 0.25
    /// A refresh comes at least so long before the end, but not before half of the lifetime is over.
    public var aheadMinimum: Duration = .seconds(60)
    /// A refresh comes at most so long before the end, jitter included.
    public var aheadMaximum: Duration = .seconds(7 * 86_400)
    /// The share of a lifetime over which due times are spread.
    public var jitter: Double = 0.1
    /// The provider refuses refreshes sooner than this before expiry; nil: it does not.
    public var earliest: Duration?
    /// A token is refreshed at least this often, for servers that end tokens before their expiry; nil: off.
    public var atLeast: Duration?
    /// The lifetime of a token that came without one; nil: unknown.
    public var assumedLifetime: Duration?
    /// How long a refresh token lives from when it was issued; nil: not known.
    public var refreshTokenLifetime: Duration?
    /// How long a grant lives from the user's consent, whatever is done; nil: for ever.
    public var refreshTokenAbsolute: Duration?
    /// A refresh token not used for so long dies; nil: it does not.
    public var refreshTokenIdle: Duration?
    /// How many attempts may be under way at the endpoint at once, at the most; fewer where the provider shows that it
    /// bears fewer.
    public var concurrency: Int = 16
    /// What ``concurrency`` may be in a document.
    package static let concurrencyRange = 1...256
    /// nil: the provider allows any number.
    public var rate: Rate?

    public init() {}
}

extension RefreshPolicy {
    /// Whether the grant has what a refresh takes.
    package func canRefresh(_ record: ToolAuthRecord) -> Bool {
        switch method {
        case .refreshToken: record.hasRefreshToken
        case .reacquire: true
        case .exchangeAccessToken: record.hasAccessToken
        case .none: false
        }
    }

    /// Whether the grant can be refreshed at `now`: an access token that ended buys no other.
    package func canRefresh(_ record: ToolAuthRecord, at now: Timestamp) -> Bool {
        if method == .exchangeAccessToken, let end = record.expiresAt, end <= now { return false }
        return canRefresh(record)
    }

    /// Whether the grant, with its tokens at hand, can be refreshed at `now`.
    package func canRefresh(_ toolAuth: ToolAuth, at now: Timestamp) -> Bool {
        guard canRefresh(toolAuth.record, at: now) else { return false }
        return switch method {
        case .refreshToken: toolAuth.refreshToken.map { !$0.isEmpty } ?? false
        case .exchangeAccessToken: toolAuth.accessToken.map { !$0.isEmpty } ?? false
        case .reacquire: true
        case .none: false
        }
    }

    /// Whether grants are made without a user, by whoever asks for a token first.
    package var needsNoUser: Bool { method == .reacquire }
}
