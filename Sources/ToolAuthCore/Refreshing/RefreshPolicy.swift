/// When and how the grants of one tool are refreshed: the provider's habits and the administrator's wishes, merged.
public struct RefreshPolicy: Sendable, Equatable {
    /// How a new access token is had.
    public enum Method: String, Sendable, Equatable {
        /// With the refresh token (RFC 6749 §6).
        case refreshToken = "refresh_token"
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
        /// Only on request.
        case onDemand = "on_demand"
    }

    public var method: Method = .refreshToken
    public var rotation: Rotation = .none
    /// How long a used refresh token still answers after a lost reply.
    public var replayWindow: Duration = .zero
    public var eagerness: Eagerness = .eager
    /// The share of a lifetime that a refresh comes before its end.
    public var aheadFraction: Double = 0.25
    public var aheadMinimum: Duration = .seconds(60)
    public var aheadMaximum: Duration = .seconds(7 * 86_400)
    /// The share of a lifetime over which due times are spread.
    public var jitter: Double = 0.1
    /// The provider refuses refreshes sooner than this before expiry; nil: it does not.
    public var earliest: Duration?
    /// The lifetime of a token that came without one; nil: unknown.
    public var assumedLifetime: Duration?
    /// A refresh token not used for so long dies; nil: it does not.
    public var refreshTokenIdle: Duration?
    /// How many attempts may be under way at the endpoint at once.
    public var concurrency: Int = 16

    public init() {}
}
