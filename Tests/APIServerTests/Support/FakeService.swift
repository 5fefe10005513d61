import ToolAuthCore

/// A service that remembers what it was asked and answers what the test says.
final class FakeService: ToolAuthService {
    struct State {
        var calls: [String] = []
        var scopes: [AccessScope] = []
        var failure: ToolAuthError?
        var health = ServiceHealth.ok
        var records = [Sample.record]
        var hasMore = false
        var created = true
        var token = Sample.issued
        /// Whether tokens are known without waiting.
        var isAtHand = false
        var redirectTo: String?
        var backup: [[UInt8]] = [[1, 2], [3]]
        var metrics = "# HELP a A.\n# TYPE a gauge\na 1\n"
    }

    let state = Locked(State())
    /// Passed by every `getToken` before it answers.
    let turnstile: Turnstile?

    init(turnstile: Turnstile? = nil) {
        self.turnstile = turnstile
    }

    var records: [ToolAuthRecord] { state.withLock { $0.records } }

    var calls: [String] { state.withLock { $0.calls } }

    /// What lists and single flows were cut down to.
    var scopes: [AccessScope] { state.withLock { $0.scopes } }

    func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

    private func call(_ text: String, _ scope: AccessScope? = nil) throws(ToolAuthError) {
        let failure = state.withLock {
            $0.calls.append(text)
            if let scope { $0.scopes.append(scope) }
            return $0.failure
        }
        if let failure { throw failure }
    }

    func getAuthURL(_ key: ToolAuthKey, options: AuthURLOptions) async throws(ToolAuthError) -> PendingAuthorization {
        let extra = options.extraParameters.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        try call("authorize \(key) \(options.scopes ?? []) \(options.redirectURI ?? "-") \(extra)")
        return Sample.pending(key)
    }

    func authorization(_ id: String, in scope: AccessScope) async throws(ToolAuthError) -> AuthorizationSummary {
        try call("authorization \(id)", scope)
        return AuthorizationSummary(id: id, key: Sample.key, status: .denied, error: "no", expiresAt: Sample.time)
    }

    func cancelAuthorization(_ id: String, in scope: AccessScope) async throws(ToolAuthError) {
        try call("cancel \(id)", scope)
    }

    func retrieveAuthToken(
        _ callback: Callback, expectedToolID: ToolID?, expectedUserID: UserID?, in scope: AccessScope
    ) async throws(ToolAuthError) -> CompletedAuthorization {
        let expected = "\(expectedToolID?.rawValue ?? "-")/\(expectedUserID?.rawValue ?? "-")"
        try call("callback \(callback.state.reveal()) \(callback.code?.reveal() ?? "-") \(expected)", scope)
        return CompletedAuthorization(record: Sample.record, redirectTo: state.withLock { $0.redirectTo })
    }

    func getToken(_ key: ToolAuthKey, _ query: TokenQuery) async throws(ToolAuthError) -> IssuedToken {
        try call("token \(key) \(query.minimumValidity.components.seconds) \(query.wait.components.seconds)")
        await turnstile?.pass()
        return state.withLock { $0.token }
    }

    func tokenAtHand(_ key: ToolAuthKey, _ query: TokenQuery) -> IssuedToken? {
        state.withLock { state in
            guard state.isAtHand else { return nil }
            state.calls.append("at hand \(key) \(query.minimumValidity.components.seconds)")
            return state.token
        }
    }

    func tryRefreshToken(
        _ key: ToolAuthKey, refusedGeneration: Int64?
    ) async throws(ToolAuthError) -> ToolAuthRecord {
        try call("refresh \(key) \(refusedGeneration.map(String.init) ?? "-")")
        return Sample.record
    }

    func deleteToolAuth(
        _ key: ToolAuthKey, _ precondition: Precondition, revoke: Bool
    ) async throws(ToolAuthError) {
        try call("delete \(key) \(precondition) \(revoke)")
    }

    func toolAuth(_ key: ToolAuthKey) async throws(ToolAuthError) -> ToolAuthRecord {
        try call("read \(key)")
        return Sample.record
    }

    func importToolAuth(
        _ key: ToolAuthKey, _ tokens: ImportedTokens, _ precondition: Precondition
    ) async throws(ToolAuthError) -> ImportResult {
        try call("import \(key) \(tokens.accessToken?.reveal() ?? "-") \(tokens.tokenType) \(precondition)")
        return ImportResult(record: Sample.record, created: state.withLock { $0.created })
    }

    func tools(for userID: UserID?, in scope: AccessScope) async throws(ToolAuthError) -> [ToolSummary] {
        try call("tools \(userID?.rawValue ?? "-")", scope)
        return [
            ToolSummary(
                toolID: Sample.key.toolID, title: "GitHub", provider: "github", status: .available, reason: nil,
                isAuthRequired: userID.map { _ in true })
        ]
    }

    func providers() async throws(ToolAuthError) -> [ProviderSummary] {
        try call("providers")
        var broken = ProviderSummary(name: "acme", title: "acme")
        broken.problem = "acme.yaml:1:1: it is empty"
        return [broken, ProviderSummary(name: "google", title: "Google")]
    }

    func testTool(_ toolID: ToolID) async throws(ToolAuthError) -> ToolTest {
        try call("test \(toolID)")
        return ToolTest(toolID: toolID, refreshing: .grantRejected(AttemptFailure(code: "invalid_grant", detail: "no")))
    }

    func toolAuths(_ query: RecordQuery, in scope: AccessScope) async throws(ToolAuthError) -> RecordPage {
        let after = query.after?.description ?? "-"
        try call(
            "auths \(query.toolID?.rawValue ?? "-") \(query.userID?.rawValue ?? "-") \(query.status ?? "-") \(query.limit) \(after)",
            scope)
        return state.withLock { RecordPage(records: $0.records, hasMore: $0.hasMore) }
    }

    func pauseTool(_ toolID: ToolID) async throws(ToolAuthError) -> ToolSummary {
        try call("pause \(toolID)")
        return ToolSummary(
            toolID: toolID, title: "GitHub", provider: "github", status: .paused,
            reason: "An administrator paused it.", isAuthRequired: nil)
    }

    func resumeTool(_ toolID: ToolID, acceptingEndpoint: Bool) async throws(ToolAuthError) -> ToolSummary {
        try call("resume \(toolID) \(acceptingEndpoint)")
        return ToolSummary(
            toolID: toolID, title: "GitHub", provider: "github", status: .available, reason: nil, isAuthRequired: nil)
    }

    func reload() async throws(ToolAuthError) -> ReloadReport {
        try call("reload")
        var report = ReloadReport()
        report.changed = [Sample.key.toolID]
        report.restartRequired = ["socket"]
        return report
    }

    func resume() async throws(ToolAuthError) -> ServiceStatus {
        try call("resume")
        return Self.sampleStatus
    }

    func backup() async throws(ToolAuthError) -> any StoreBackup {
        try call("backup")
        return FakeBackup(state.withLock { $0.backup })
    }

    func masterKeys() async throws(ToolAuthError) -> MasterKeys {
        try call("keys")
        return MasterKeys(
            [MasterKeySummary(id: "k1", isSealing: true, isPresent: true, records: SealedCounts(grants: 2))],
            from: .file("/state/master.key"))
    }

    func addMasterKey() async throws(ToolAuthError) -> MasterKeySummary {
        try call("add key")
        return MasterKeySummary(id: "k2", isSealing: true, isPresent: true)
    }

    func retireMasterKey(_ id: String) async throws(ToolAuthError) -> RetiredKey {
        try call("retire \(id)")
        return .retired(keptIn: "/state/master.key.retired")
    }

    func rotateMasterKeys(askedBy administrator: Administrator) async throws(ToolAuthError) -> KeyRotationStatus {
        try call("rotate keys")
        return Self.sampleRotation
    }

    func keyRotation() async throws(ToolAuthError) -> KeyRotationStatus {
        try call("rotation")
        return Self.sampleRotation
    }

    private static var sampleRotation: KeyRotationStatus {
        var status = KeyRotationStatus()
        status.isRunning = true
        status.keyID = "k2"
        (status.total, status.resealed, status.unopened) = (5, 3, 1)
        return status
    }

    func status(in scope: AccessScope) async throws(ToolAuthError) -> ServiceStatus {
        try call("status", scope)
        return Self.sampleStatus
    }

    func metrics() async throws(ToolAuthError) -> String {
        try call("metrics")
        return state.withLock { $0.metrics }
    }

    private static var sampleStatus: ServiceStatus {
        var status = ServiceStatus(
            version: "1.0", startedAt: Sample.time, uptime: .milliseconds(61_500),
            tools: [
                ServiceStatus.Tool(
                    toolID: Sample.key.toolID, status: .paused, reason: "by hand",
                    counts: StatusCounts(healthy: 1, degraded: 2, needsReauthorization: 3))
            ],
            nextDueAt: nil, lag: .milliseconds(1500),
            endpoints: [
                ServiceStatus.Endpoint(
                    endpoint: EndpointID(tokenEndpoint: "https://example.org/token", clientID: "app"), isOpen: true,
                    heldUntil: Sample.time, isBroken: true, inFlight: 4, queued: 7)
            ],
            held: nil, warnings: ["a warning"])
        status.heldResults = 2
        status.storeProblem = "The disk is full."
        return status
    }

    func health() async -> ServiceHealth { state.withLock { $0.health } }
}

/// A backup that comes in the parts of a test.
final class FakeBackup: StoreBackup {
    let size: Int
    private let parts: Locked<ArraySlice<[UInt8]>>

    init(_ parts: [[UInt8]]) {
        size = parts.reduce(0) { $0 + $1.count }
        self.parts = Locked(parts[...])
    }

    func next() async throws(StoreError) -> [UInt8]? { parts.withLock { $0.popFirst() } }
}
