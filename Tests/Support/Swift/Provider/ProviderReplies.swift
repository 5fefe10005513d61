/// The line the provider prints when it listens.
package struct ProviderInfo: Sendable, Decodable {
    package let issuer: String
    package let port: UInt16
    package let authorizationEndpoint: String
    package let tokenEndpoint: String
    /// nil where this provider has none.
    package let revocationEndpoint: String?
    package let introspectionEndpoint: String?
    /// Says whose bearer token it is given.
    package let api: String
    package let control: String
    /// PEM file of the authority to trust; nil for plain HTTP.
    package let caFile: String?
    package let clientID: String
    package let clientSecret: String
    package let publicClientID: String
    package let redirectURIs: [String]

    enum CodingKeys: String, CodingKey {
        case issuer, port, api, control
        case authorizationEndpoint = "authorization_endpoint"
        case tokenEndpoint = "token_endpoint"
        case revocationEndpoint = "revocation_endpoint"
        case introspectionEndpoint = "introspection_endpoint"
        case caFile = "ca_file"
        case clientID = "client_id"
        case clientSecret = "client_secret"
        case publicClientID = "public_client_id"
        case redirectURIs = "redirect_uris"
    }
}

/// What the provider counted; its README says what each is.
package struct ProviderCounters: Sendable, Decodable {
    /// By endpoint: `authorize`, `token`, `revoke`, `introspect`, `whoami`, `metadata`.
    package let requests: [String: Int]
    package let grantTypes: [String: Int]
    /// By user, then by grant type at the token endpoint and by endpoint elsewhere.
    package let users: [String: [String: Int]]
    package let failures: [String: Int]
    package let refused: [String: Int]
    package let concurrentMaximum: [String: Int]
    package let connectionsAccepted: Int
    package let connectionsOpen: Int
    package let refreshTokenUses: Int
    package let refreshTokenMaximumUses: Int
    package let rotations: Int
    package let replaysInWindow: Int
    /// Spent refresh tokens sent again: 0 if the client is right.
    package let reuse: Int
    package let deadRefreshTokens: Int
    package let deadAccessTokens: Int
    package let codesRedeemed: Int
    package let codesReplayed: Int
    package let redirectsFollowed: Int

    /// Refreshes asked for, of one user or of all.
    package func refreshes(of user: String? = nil) -> Int {
        (user.map { users[$0] ?? [:] } ?? grantTypes)["refresh_token"] ?? 0
    }

    enum CodingKeys: String, CodingKey {
        case requests, users, failures, refused, rotations, reuse
        case grantTypes = "grant_types"
        case concurrentMaximum = "concurrent_maximum"
        case connectionsAccepted = "connections_accepted"
        case connectionsOpen = "connections_open"
        case refreshTokenUses = "refresh_token_uses"
        case refreshTokenMaximumUses = "refresh_token_maximum_uses"
        case replaysInWindow = "replays_in_window"
        case deadRefreshTokens = "dead_refresh_tokens"
        case deadAccessTokens = "dead_access_tokens"
        case codesRedeemed = "codes_redeemed"
        case codesReplayed = "codes_replayed"
        case redirectsFollowed = "redirects_followed"
    }
}

/// One request the provider saw.
package struct ProviderRequest: Sendable, Decodable {
    package let endpoint: String
    package let grantType: String?
    package let user: String?
    package let method: String
    package let query: String
    /// Names in lower case.
    package let headers: [[String]]
    package let body: String
    /// Counts connections from 1.
    package let connection: Int

    /// The first header of that name.
    package func header(_ name: String) -> String? {
        headers.first { $0.first == name.lowercased() }?.last
    }

    enum CodingKeys: String, CodingKey {
        case endpoint, user, method, query, headers, body, connection
        case grantType = "grant_type"
    }
}

/// A grant made without a flow.
package struct ProviderGrant: Sendable, Decodable {
    package let grantID: String
    package let accessToken: String
    package let refreshToken: String?
    package let expiresIn: Int?

    enum CodingKeys: String, CodingKey {
        case grantID = "grant_id"
        case accessToken = "access_token"
        case refreshToken = "refresh_token"
        case expiresIn = "expires_in"
    }
}
