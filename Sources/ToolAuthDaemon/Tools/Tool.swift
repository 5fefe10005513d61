import OAuth
import Refresh
import ToolAuthCore

/// A tool as the running daemon knows it.
struct Tool: Sendable {
    let id: ToolID
    let title: String
    let provider: String
    /// nil: its configuration is incomplete or wrong, and `obstacle` says how.
    let client: Client?
    /// Why it cannot refresh; nil: it can.
    var obstacle: ToolObstacle?
    /// Whether the obstacle is a changed token origin, which an administrator may accept.
    var awaitsEndpoint = false

    /// What a tool with a sound configuration has.
    struct Client: Sendable {
        let authentication: any ToolAuthentication
        let policy: RefreshPolicy
        let endpoint: EndpointID
        let clientID: String
        /// nil: each grant may have another, or it is known only once the issuer was asked.
        let tokenOrigin: String?
        /// Whether all grants have one token endpoint, though it may be the issuer that says which.
        let sharesEndpoint: Bool
        /// What ``tokenOrigin`` is for a grant without values of its own, the issuer asked if need be.
        let origin: @Sendable () async throws(ToolAuthError) -> String
        /// The tool's own scopes, separated by single spaces.
        let scope: String
        /// Types handed out beside Bearer.
        let tokenTypes: [String]
        /// Metadata that decides where requests go, and so cannot be imported.
        let routingMetadata: Set<String>
        /// What ends when one of its tokens is revoked; nil: nothing can be revoked.
        let revocationScope: RevocationEndpoint.Scope?
        /// Tries whether the token endpoint can be reached, without sending a request; nil: that cannot be tried.
        var connect: (@Sendable () async -> AttemptFailure?)?

        /// Whether metadata of that name has a say in where requests go.
        func decidesRoute(_ name: String) -> Bool {
            routingMetadata.contains(name) || name.hasPrefix(OAuth2Configuration.connectionPrefix)
                || name == OAuth2Configuration.redirectKey
        }

        /// Where a grant came from.
        func origin(of grant: TokenGrant) -> String { grant.tokenOrigin ?? tokenOrigin ?? "" }

        func handsOut(_ tokenType: String) -> Bool {
            let type = tokenType.lowercased()
            return type == "bearer" || tokenTypes.contains { $0.lowercased() == type }
        }
    }
}
