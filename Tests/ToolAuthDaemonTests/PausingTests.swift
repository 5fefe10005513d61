import Refresh
import RefreshTestSupport
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Pausing")
struct PausingTests {
    let alice = Fixture.alice
    let mail = Fixture.mail

    @Test("a paused tool is not refreshed, and its valid tokens are served with a warning")
    func paused() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        let summary = try await fixture.service.pauseTool(mail)
        #expect(summary.status == .paused)
        #expect(try await fixture.service.getToken(alice, TokenQuery()).warning?.kind == .toolPaused)
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect(code == "tool-paused")
        #expect(fixture.provider.attempts == 0)
        #expect(try await fixture.store.toolStates()[mail]?.pause?.kind == .administrator)
    }

    @Test("it goes on when it is resumed; each is told once")
    func resumed() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        for _ in 0..<2 { _ = try await fixture.service.pauseTool(mail) }
        for _ in 0..<2 {
            #expect(try await fixture.service.resumeTool(mail, acceptingEndpoint: false).status == .available)
        }
        #expect(fixture.events.kinds == [.toolPaused, .toolResumed])
        #expect(try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil).generation == 2)
    }

    @Test("an unknown tool cannot be paused, and a store that refuses leaves all as it was")
    func refused() async throws {
        let fixture = try await Fixture()
        let unknown = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.pauseTool(toolID("nail"))
        }
        #expect(unknown == "unknown-tool")
        await fixture.store.failWrites(StoreError(.io, "disk full"))
        let code = await errorCode { () async throws(ToolAuthError) in try await fixture.service.pauseTool(mail) }
        #expect(code == "store-unavailable")
        #expect(try fixture.tools.tool(mail).status == .available)
        #expect(fixture.events.kinds.isEmpty)
    }

    @Test("a tool the engine paused by itself is shown as paused")
    func byTheEngine() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.provider.answer(.clientRejected(AttemptFailure(code: "invalid_client", detail: "Unknown client.")))
        _ = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        // One record is all this tool has; how many there are is known from the first scan.
        await fixture.engine.wake()
        #expect(await eventually { await fixture.engine.unfinished.isEmpty })
        let bob = ToolAuthKey(mail, userID("bob"))
        await fixture.connect(bob)
        _ = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(bob, refusedGeneration: nil)
        }
        #expect(await eventually { (try? fixture.tools.tool(mail).status) == .paused })
        let reason = try await fixture.service.status(in: .all).tools.first?.reason
        #expect(reason?.contains("Unknown client") == true)
    }
}

@Suite("A store of another machine")
struct HeldStoreTests {
    let alice = Fixture.alice

    @Test("valid tokens are served with a warning, nothing is refreshed or revoked, and health says so")
    func held() async throws {
        let fixture = try await Fixture(hold: .foreignMachine)
        await fixture.connect()
        await fixture.connect(ToolAuthKey(Fixture.mail, userID("bob")))
        #expect(try await fixture.service.getToken(alice, TokenQuery()).warning?.kind == .held)
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect(code == "held")
        try await fixture.service.deleteToolAuth(ToolAuthKey(Fixture.mail, userID("bob")), .none, revoke: true)
        await fixture.revocations.wake()
        let status = try await fixture.service.status(in: .all)
        #expect(status.held?.contains("another machine") == true)
        guard case .degraded(let reason) = await fixture.service.health() else {
            Issue.record("a held store is not in full health")
            return
        }
        #expect(reason.contains("toolauthctl resume"))
        #expect(fixture.provider.attempts == 0)
        #expect(fixture.provider.revoked.isEmpty)
    }

    @Test("resuming ends it, and what waited is done")
    func resumed() async throws {
        let fixture = try await Fixture(hold: .restored)
        await fixture.connect { $0.refreshAt = Fixture.noon }
        let bob = ToolAuthKey(Fixture.mail, userID("bob"))
        await fixture.connect(bob)
        try await fixture.service.deleteToolAuth(bob, .none, revoke: true)
        #expect(try await fixture.service.resume().held == nil)
        #expect(await eventually { fixture.provider.attempts == 1 })
        #expect(await eventually { fixture.provider.revoked.count == 1 })
        #expect(await fixture.service.health() == .ok)
    }
}

@Suite("A tool that names another server than its tokens came from")
struct ForeignEndpointTests {
    let alice = Fixture.alice

    @Test("it is paused until an administrator accepts the new server; only then are the tokens sent there")
    func accepted() async throws {
        let fixture = try await Fixture(bindings: "https://former.test:443")
        await fixture.connect { $0.tokenOrigin = "https://former.test:443" }
        let tool = try fixture.tools.tool(Fixture.mail)
        #expect(tool.status == .paused)
        #expect(tool.obstacle?.detail.contains("former.test") == true)
        let refused = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.resumeTool(Fixture.mail, acceptingEndpoint: false)
        }
        #expect(refused == "tool-paused")
        #expect(fixture.provider.attempts == 0)
        #expect(try await fixture.service.resumeTool(Fixture.mail, acceptingEndpoint: true).status == .available)
        #expect(try await fixture.store.record(alice)?.tokenOrigin == "https://provider.test:443")
        #expect(try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil).generation == 2)
    }

    /// A grant of a server whose issuer names another origin now, as the authentication class found.
    private func moved(
        sharesEndpoint: Bool = true, _ discovery: @escaping @Sendable () async throws(ToolAuthError) -> String
    ) async throws -> Fixture {
        let fixture = try await Fixture(discovery: discovery, sharesEndpoint: sharesEndpoint)
        await fixture.connect {
            $0.tokenOrigin = "https://former.test:443"
            $0.status = .degraded
            $0.consecutiveFailures = 1
            $0.lastAttemptAt = fixture.clock.now
            $0.nextAttemptAt = fixture.clock.now + .seconds(86_400)
        }
        return fixture
    }

    @Test("where the issuer says which, the one it names is accepted, and what was put off comes due")
    func discovered() async throws {
        let fixture = try await moved { "https://provider.test:443" }
        #expect(try fixture.tools.tool(Fixture.mail).status == .available)
        _ = try await fixture.service.resumeTool(Fixture.mail, acceptingEndpoint: false)
        #expect(try await fixture.store.record(alice)?.tokenOrigin == "https://former.test:443")
        _ = try await fixture.service.resumeTool(Fixture.mail, acceptingEndpoint: true)
        #expect(try await fixture.store.record(alice)?.tokenOrigin == "https://provider.test:443")
        #expect(
            await eventually {
                let next = try? await fixture.store.record(alice)?.nextAttemptAt
                return next.map { $0 <= fixture.clock.now + .seconds(600) } ?? false
            })
    }

    @Test("an attempt under way at the former server ends before what it brought is given over with the rest")
    func acceptedMeanwhile() async throws {
        let fixture = try await Fixture(discovery: { "https://provider.test:443" })
        await fixture.connect { $0.tokenOrigin = "https://former.test:443" }
        let (atCommit, mayCommit) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        await fixture.store.beforeCommit {
            atCommit.continuation.finish()
            for await _ in mayCommit.stream {}
        }
        async let refreshed = fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        for await _ in atCommit.stream {}
        async let accepted = fixture.service.resumeTool(Fixture.mail, acceptingEndpoint: true)
        for _ in 1...1000 { await Task.yield() }
        mayCommit.continuation.finish()
        _ = try await (refreshed, accepted)
        #expect(try await fixture.store.record(alice)?.tokenOrigin == "https://provider.test:443")
    }

    @Test("an issuer that cannot be asked moves nothing, and neither does one server of many")
    func unknown() async throws {
        let silent = try await moved { () async throws(ToolAuthError) in
            throw ToolAuthError(.providerUnreachable, "Nobody is there.")
        }
        let code = await errorCode { () async throws(ToolAuthError) in
            try await silent.service.resumeTool(Fixture.mail, acceptingEndpoint: true)
        }
        #expect(code == "provider-unreachable")
        let many = try await moved(sharesEndpoint: false) { "https://provider.test:443" }
        _ = try await many.service.resumeTool(Fixture.mail, acceptingEndpoint: true)
        for fixture in [silent, many] {
            #expect(try await fixture.store.record(alice)?.tokenOrigin == "https://former.test:443")
        }
    }
}

@Suite("Metrics")
struct ServiceMetricsTests {
    @Test("the page counts what is stored, due, refreshed and handed out")
    func page() async throws {
        let fixture = try await Fixture()
        await fixture.connect { $0.refreshAt = Fixture.noon - .seconds(5) }
        _ = try await fixture.service.getToken(Fixture.alice, TokenQuery())
        let page = try await fixture.service.metrics()
        for line in [
            #"toolauth_records{tool="mail",status="healthy"} 1"#, "toolauth_due 1", "toolauth_inflight 0",
            #"toolauth_next_expiry_seconds{tool="mail"} 3600"#, #"toolauth_tokens_issued_total{tool="mail"} 1"#,
            "toolauth_endpoint_breaker_open 0", "toolauth_held_results 0",
        ] {
            #expect(page.split(separator: "\n").contains { $0 == line }, "\(line) is not in \(page)")
        }
    }
}
