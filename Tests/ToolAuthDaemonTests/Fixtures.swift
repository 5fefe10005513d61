import Logging
import OAuth
import Refresh
import RefreshTestSupport
import Telemetry
import TestSupport
import ToolAuthCore

@testable import ToolAuthDaemon

/// A service over an in-memory store and a scripted provider, with its clock standing at noon.
struct Fixture {
    static let noon = Timestamp(secondsSinceEpoch: 1_767_268_800)
    static let mail = toolID("mail")
    static let alice = ToolAuthKey(mail, userID("alice"))

    let store: InMemoryTokenStore
    let provider: ScriptedAuthentication
    let timer = ManualTimer()
    let revocationTimer = ManualTimer()
    let events = RecordedEvents()
    let clock = ManualWallClock(noon)
    let tools: ToolRegistry
    let revocations: RevocationWorker
    let engine: RefreshEngine
    let service: LiveToolAuthService

    init(
        revocationScope: RevocationEndpoint.Scope? = .token, obstacle: ToolObstacle? = nil, siblings: [String] = [],
        grant: TokenGrant? = nil, policy: RefreshPolicy = RefreshPolicy(), hold: StoreHold? = nil,
        bindings origin: String? = nil, discovery: (@Sendable () async throws(ToolAuthError) -> String)? = nil,
        sharesEndpoint: Bool = true, secrets: SecretMemory = SecretMemory()
    ) async throws {
        let clock = clock
        store = InMemoryTokenStore(hold: hold)
        provider = ScriptedAuthentication(toolID: Self.mail, clock: clock) { grant ?? Self.grant(at: clock.now) }
        let client = Tool.Client(
            authentication: provider, policy: policy,
            endpoint: EndpointID(tokenEndpoint: "https://provider.test/token", clientID: "client"), clientID: "client",
            tokenOrigin: discovery == nil ? "https://provider.test:443" : nil, sharesEndpoint: sharesEndpoint,
            origin: discovery ?? { "https://provider.test:443" }, scope: "read write",
            tokenTypes: [], routingMetadata: ["accounts-server"], revocationScope: revocationScope)
        let all = [Self.mail] + siblings.map { toolID($0) }
        tools = ToolRegistry(
            all.map { id in
                let tool = Tool(id: id, title: "Mail", provider: "test", client: client, obstacle: obstacle)
                return tool.bound(to: origin.map { [TokenBinding(clientID: "client", tokenOrigin: $0): 1] } ?? [:])
            })
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        engine = RefreshEngine(
            store: store, tools: tools, clock: clock, sleeper: ContinuousClock(), timer: timer, events: events,
            uniform: { 0.5 }, logger: logger)
        revocations = RevocationWorker(
            store: store, tools: tools, clock: clock, timer: revocationTimer, events: events, uniform: { 0.5 },
            logger: logger)
        service = LiveToolAuthService(
            store: store, engine: engine, tools: tools, revocations: revocations, clock: clock, events: events,
            numbers: RefreshMetrics(), uniform: { 0.5 },
            facts: DaemonFacts(version: "test", startedAt: Self.noon, warnings: [], secrets: secrets),
            configuration: ConfigurationInForce(),
            changes: ChangeQueue(),
            rotation: KeyRotation(store: store, report: { _ in }),
            reloadConfiguration: { () async throws(ToolAuthError) in ReloadReport() })
        try await engine.start()
    }

    /// Tokens as the provider grants them at `instant`.
    static func grant(
        at instant: Timestamp, lifetime: Duration? = .seconds(3600), refreshToken: String? = "refresh-2"
    ) -> TokenGrant {
        TokenGrant(
            accessToken: Secret("access-2"), refreshToken: refreshToken.map { Secret($0) }, tokenType: "Bearer",
            scope: nil, obtainedAt: instant, expiresAt: lifetime.map { instant + $0 })
    }

    /// Stores a grant obtained now.
    func connect(
        _ key: ToolAuthKey = alice, lifetime: Duration = .seconds(3600), refreshToken: String? = "refresh-1",
        _ change: (inout ToolAuthRecord) -> Void = { _ in }
    ) async {
        var record = ToolAuthRecord(
            key: key, tokenType: "Bearer", scope: "read", obtainedAt: clock.now, expiresAt: clock.now + lifetime,
            hasAccessToken: true, hasRefreshToken: refreshToken != nil, clientID: "client",
            tokenOrigin: "https://provider.test:443", createdAt: clock.now)
        change(&record)
        await store.seed(
            ToolAuth(record: record, accessToken: Secret("access-1"), refreshToken: refreshToken.map { Secret($0) }))
    }

    func callback(_ state: Secret) -> Callback {
        Callback(state: state, code: Secret("code"), issuer: nil, error: nil, errorDescription: nil, parameters: [:])
    }
}

/// The code of the error that `operation` throws; nil: it throws none.
func errorCode(_ operation: () async throws(ToolAuthError) -> some Any) async -> String? {
    do throws(ToolAuthError) {
        _ = try await operation()
        return nil
    } catch {
        return error.code.name
    }
}
