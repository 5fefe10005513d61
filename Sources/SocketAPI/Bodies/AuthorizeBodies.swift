/// Body of `POST /v1/tools/{tool_id}/users/{user_id}/authorize`; all members optional, unknown ones refused.
public struct AuthorizeRequestBody: Codable, Sendable {
    public var scopes: [String]?
    public var redirectURI: String?
    public var frontendRedirect: String?
    public var loginHint: String?
    public var prompt: String?
    public var connection: [String: String]?
    public var extraParams: [String: String]?

    public init(
        scopes: [String]? = nil, redirectURI: String? = nil, frontendRedirect: String? = nil, loginHint: String? = nil,
        prompt: String? = nil, connection: [String: String]? = nil, extraParams: [String: String]? = nil
    ) {
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.frontendRedirect = frontendRedirect
        self.loginHint = loginHint
        self.prompt = prompt
        self.connection = connection
        self.extraParams = extraParams
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case scopes
        case redirectURI = "redirect_uri"
        case frontendRedirect = "frontend_redirect"
        case loginHint = "login_hint"
        case prompt
        case connection
        case extraParams = "extra_params"
    }
}

/// 201 of authorize.
public struct AuthorizeResponseBody: Codable, Sendable {
    public var authorizationID: String
    /// What the user opens.
    public var authURL: String
    /// Comes back in the callback.
    public var state: String
    /// Until when it can be completed; RFC 3339.
    public var expiresAt: String

    package init(authorizationID: String, authURL: String, state: String, expiresAt: String) {
        self.authorizationID = authorizationID
        self.authURL = authURL
        self.state = state
        self.expiresAt = expiresAt
    }

    private enum CodingKeys: String, CodingKey {
        case authorizationID = "authorization_id"
        case authURL = "auth_url"
        case state
        case expiresAt = "expires_at"
    }
}

/// `GET /v1/authorizations/{authorization_id}`.
public struct AuthorizationBody: Codable, Sendable, Equatable {
    public var authorizationID: String
    public var toolID: String
    public var userID: String
    /// `pending`, `connected`, `denied`, `expired` or `failed`.
    public var status: String
    /// The provider's error, or the code of the problem; with `denied` and `failed`.
    public var error: String?
    /// Until when it could or can be completed; RFC 3339.
    public var expiresAt: String

    package init(
        authorizationID: String, toolID: String, userID: String, status: String, error: String?, expiresAt: String
    ) {
        self.authorizationID = authorizationID
        self.toolID = toolID
        self.userID = userID
        self.status = status
        self.error = error
        self.expiresAt = expiresAt
    }

    private enum CodingKeys: String, CodingKey {
        case authorizationID = "authorization_id"
        case toolID = "tool_id"
        case userID = "user_id"
        case status
        case error
        case expiresAt = "expires_at"
    }
}
