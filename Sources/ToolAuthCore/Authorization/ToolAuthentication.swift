/// How one tool talks to its provider: the guide's authentication class.
///
/// `OAuth2Authentication` implements it from a provider document. What data cannot say is a type of one's own that
/// conforms, or wraps it and changes one step. Implementations hold no mutable state of a user; the store does.
public protocol ToolAuthentication: Sendable {
    var toolID: ToolID { get }

    /// Begins a flow: the URL at which the user consents, and what must be remembered until he returns.
    ///
    /// - Throws: ``ToolAuthError`` (`invalid-request`) for options the tool does not allow.
    func getAuthURL(for userID: UserID, options: AuthURLOptions) async throws -> PendingAuthorization

    /// Exchanges the code of a callback for tokens. Called at most once per code, after `state`, issuer and expected
    /// ids were checked and the state was durably used up.
    ///
    /// - Throws: ``ToolAuthError``: `invalid-callback`, `provider-error` or `provider-unreachable`.
    func retrieveAuthToken(from callback: Callback, pending: PendingAuthorization) async throws -> TokenGrant

    /// Makes one attempt to refresh. Never throws: every end is an outcome.
    func tryRefreshToken(_ toolAuth: ToolAuth) async -> RefreshOutcome

    /// Ends the grant at the provider (RFC 7009); an unknown token is a success.
    ///
    /// - Throws: ``AttemptFailure`` when the provider could not be told, so that it is tried again.
    func revoke(_ toolAuth: ToolAuth) async throws
}
