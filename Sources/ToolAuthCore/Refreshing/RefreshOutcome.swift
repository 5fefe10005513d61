/// How one refresh attempt ended. Closed: every reply a provider can send is one of these.
public enum RefreshOutcome: Sendable {
    /// New tokens.
    case refreshed(TokenGrant)
    /// Nothing was wrong with the grant; try again. `retryAfter` is the provider's own wish. `atEndpoint`: the server
    /// could not be reached at all, so every record there shares the failure.
    case transient(AttemptFailure, retryAfter: Duration?, atEndpoint: Bool)
    /// The provider may have rotated the refresh token, and the reply is lost.
    case ambiguous(AttemptFailure)
    /// The provider says that this refresh token is no longer good.
    case grantRejected(AttemptFailure)
    /// The provider refuses the client, not the grant.
    case clientRejected(AttemptFailure)
    /// The provider refuses the request for another reason; that never ends a grant.
    case requestRejected(AttemptFailure)
    /// A success without a usable access token. A refresh token found in it is kept before anything else.
    case malformed(AttemptFailure, refreshToken: Secret?)
    /// There is nothing to refresh with.
    case unrefreshable

    /// The label in metrics and journal.
    public var name: String {
        switch self {
        case .refreshed: "refreshed"
        case .transient: "transient"
        case .ambiguous: "ambiguous"
        case .grantRejected: "grant_rejected"
        case .clientRejected: "client_rejected"
        case .requestRejected: "request_rejected"
        case .malformed: "malformed"
        case .unrefreshable: "unrefreshable"
        }
    }

    /// What went wrong; nil for a success and where there was nothing to try.
    public var failure: AttemptFailure? {
        switch self {
        case .refreshed, .unrefreshable: nil
        case .transient(let failure, _, _), .ambiguous(let failure), .grantRejected(let failure),
            .clientRejected(let failure), .requestRejected(let failure), .malformed(let failure, _):
            failure
        }
    }
}
