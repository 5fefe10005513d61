/// How a grant stands.
public enum ToolAuthStatus: Sendable, Hashable {
    /// The last attempt succeeded, or none was needed yet.
    case healthy
    /// The last attempt failed or its end is unknown; the token may still be valid, and the daemon goes on trying.
    case degraded
    /// The grant is dead; only the user can bring it back. Nothing is deleted.
    case needsReauthorization(ReauthorizationReason)

    /// The name in the API and the store: `healthy`, `degraded`, `needs_reauthorization`.
    public var name: String {
        switch self {
        case .healthy: "healthy"
        case .degraded: "degraded"
        case .needsReauthorization: "needs_reauthorization"
        }
    }

    /// Why the user is needed; nil while he is not.
    public var reason: ReauthorizationReason? {
        if case .needsReauthorization(let reason) = self { reason } else { nil }
    }

    /// - Returns: nil for an unknown name, or `needs_reauthorization` without a reason.
    public init?(name: String, reason: ReauthorizationReason?) {
        switch (name, reason) {
        case ("healthy", _): self = .healthy
        case ("degraded", _): self = .degraded
        case ("needs_reauthorization", let reason?): self = .needsReauthorization(reason)
        default: return nil
        }
    }
}

/// Why a grant needs the user again.
public enum ReauthorizationReason: String, Sendable, Hashable, CaseIterable {
    /// The provider refused the refresh token.
    case grantRejected = "grant_rejected"
    /// The provider refused it after an attempt whose reply never arrived: its successor is lost.
    case replyLost = "reply_lost"
    /// The access token ended and there is nothing to refresh it with.
    case expiredUnrefreshable = "expired_unrefreshable"
    /// The tool now has another client id; tokens of the old one are not its own. Computed, heals when put back.
    case configurationChanged = "configuration_changed"
    /// The sealed tokens do not open under any key present. Computed, heals when the key returns.
    case undecryptable
}
