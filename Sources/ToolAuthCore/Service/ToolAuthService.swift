/// The only door to the domain: socket, callback page and scan all go through it. One method per use case, named as
/// the guide's.
///
/// Every method throws ``ToolAuthError`` and nothing else.
package protocol ToolAuthService: Sendable {
    /// Begins a flow for a user; `pending.authURL` is where he consents.
    func getAuthURL(_ key: ToolAuthKey, options: AuthURLOptions) async throws(ToolAuthError) -> PendingAuthorization

    /// - Throws: `unknown-authorization`, also for one outside of `scope`.
    func authorization(_ id: String, in scope: AccessScope) async throws(ToolAuthError) -> AuthorizationSummary

    /// - Throws: `unknown-authorization`, also for one outside of `scope`.
    func cancelAuthorization(_ id: String, in scope: AccessScope) async throws(ToolAuthError)

    /// Completes a flow: uses up the state, exchanges the code, stores the tokens.
    ///
    /// - Throws: `forbidden` for a flow outside of `scope`. Its state is used up then, as for every other refusal.
    func retrieveAuthToken(
        _ callback: Callback, expectedToolID: ToolID?, expectedUserID: UserID?, in scope: AccessScope
    ) async throws(ToolAuthError) -> CompletedAuthorization

    /// A valid access token, refreshed first where less than `query.minimumValidity` is left.
    func getToken(_ key: ToolAuthKey, _ query: TokenQuery) async throws(ToolAuthError) -> IssuedToken

    /// What ``getToken(_:_:)`` would return, where that is known without waiting; nil: it is to be asked.
    func tokenAtHand(_ key: ToolAuthKey, _ query: TokenQuery) -> IssuedToken?

    /// Forces a refresh, or joins the one under way. `refusedGeneration`: the generation of the token the provider
    /// refused; if the stored one is newer, that is the answer and nothing is sent.
    func tryRefreshToken(
        _ key: ToolAuthKey, refusedGeneration: Int64?
    ) async throws(ToolAuthError) -> ToolAuthRecord

    /// Forgets a grant durably, and then has it revoked at the provider unless `revoke` is false.
    func deleteToolAuth(
        _ key: ToolAuthKey, _ precondition: Precondition, revoke: Bool
    ) async throws(ToolAuthError)

    func toolAuth(_ key: ToolAuthKey) async throws(ToolAuthError) -> ToolAuthRecord

    /// Takes over tokens obtained elsewhere.
    func importToolAuth(
        _ key: ToolAuthKey, _ tokens: ImportedTokens, _ precondition: Precondition
    ) async throws(ToolAuthError) -> ImportResult

    /// The configured tools in `scope`; with a user, also whether he must connect each.
    func tools(for userID: UserID?, in scope: AccessScope) async throws(ToolAuthError) -> [ToolSummary]

    /// A page of the grants in `scope`.
    func toolAuths(_ query: RecordQuery, in scope: AccessScope) async throws(ToolAuthError) -> RecordPage

    /// The catalogue, by name.
    func providers() async throws(ToolAuthError) -> [ProviderSummary]

    /// Tries endpoint, TLS and client of a tool, with a refresh token that was never issued.
    ///
    /// - Throws: `unknown-tool`; `tool-unavailable`, also where its endpoint changed and was not accepted. What the provider
    ///   answers is not thrown.
    func testTool(_ toolID: ToolID) async throws(ToolAuthError) -> ToolTest

    /// Stops the refreshes of a tool until ``resumeTool(_:acceptingEndpoint:)``; valid tokens are served on.
    func pauseTool(_ toolID: ToolID) async throws(ToolAuthError) -> ToolSummary

    /// Lets a paused tool go on, whoever paused it.
    ///
    /// - Parameter acceptingEndpoint: its tokens came from another origin than its endpoint has now, and may be sent to the
    ///   new one.
    /// - Throws: `tool-paused` where that is so and `acceptingEndpoint` is false.
    func resumeTool(_ toolID: ToolID, acceptingEndpoint: Bool) async throws(ToolAuthError) -> ToolSummary

    /// Ends the hold of a store that was made on another machine or restored: this daemon refreshes from now on.
    func resume() async throws(ToolAuthError) -> ServiceStatus

    /// Takes the configuration as it now stands on disk, without dropping a request. Refreshes under way end under the
    /// configuration they began with.
    ///
    /// - Throws: `invalid-configuration` where `toolauthd.yaml` is bad, or a file in use has become bad: then nothing
    ///   changes.
    func reload() async throws(ToolAuthError) -> ReloadReport

    /// A consistent copy of the store, still sealed, made while everything goes on. It holds no key.
    func backup() async throws(ToolAuthError) -> any StoreBackup

    /// The master keys, and how many records each has sealed.
    func masterKeys() async throws(ToolAuthError) -> MasterKeys

    /// Makes a new master key, which seals from now on.
    ///
    /// - Throws: `keys-read-only` where they come from a credential.
    func addMasterKey() async throws(ToolAuthError) -> MasterKeySummary

    /// Takes a master key away.
    ///
    /// - Returns: `retired` or `released`.
    /// - Throws: `unknown-key`; `key-in-use` while it seals, or records need it.
    func retireMasterKey(_ id: String) async throws(ToolAuthError) -> RetiredKey

    /// Begins to seal everything with the newest key, in the background; where that is under way, nothing.
    func rotateMasterKeys(askedBy administrator: Administrator) async throws(ToolAuthError) -> KeyRotationStatus

    func keyRotation() async throws(ToolAuthError) -> KeyRotationStatus

    /// How the daemon is, and of tools, endpoints and grants what is in `scope`.
    func status(in scope: AccessScope) async throws(ToolAuthError) -> ServiceStatus

    /// All metrics in Prometheus' text format, without the API's own.
    func metrics() async throws(ToolAuthError) -> String

    /// Never throws: an unreadable store is a health of its own.
    func health() async -> ServiceHealth
}

extension ToolAuthService {
    package func tokenAtHand(_ key: ToolAuthKey, _ query: TokenQuery) -> IssuedToken? { nil }
}
