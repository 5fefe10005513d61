import Refresh
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("A tool whose client gets its tokens by itself")
struct ReacquireTests {
    let alice = Fixture.alice

    private static let policy: RefreshPolicy = {
        var policy = RefreshPolicy()
        policy.method = .reacquire
        return policy
    }()

    private func fixture(
        _ policy: RefreshPolicy = policy, obstacle: ToolObstacle? = nil, hold: StoreHold? = nil
    ) async throws -> Fixture {
        try await Fixture(
            obstacle: obstacle, grant: Fixture.grant(at: Fixture.noon, refreshToken: nil), policy: policy, hold: hold)
    }

    private func getToken(_ fixture: Fixture) async -> String? {
        await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.getToken(alice, TokenQuery())
        }
    }

    private static let failure = RefreshOutcome.transient(
        AttemptFailure(code: "http_503", detail: "Down."), retryAfter: nil, atEndpoint: false)

    @Test("its first reader makes the record, and gets the token")
    func first() async throws {
        let fixture = try await fixture()
        let token = try await fixture.service.getToken(alice, TokenQuery())
        #expect(token.accessToken == Secret("access-2"))
        #expect(token.warning == nil)
        let record = try #require(try await fixture.store.record(alice))
        #expect(record.status == .healthy)
        #expect(record.scope == "read write")
        #expect(record.clientID == "client")
        #expect(record.tokenOrigin == "https://provider.test:443")
        #expect(!record.hasRefreshToken)
        #expect(record.dueAt.map { $0 > Fixture.noon } == true)
        // The next reader has it from the store.
        _ = try await fixture.service.getToken(alice, TokenQuery())
        #expect(fixture.provider.attempts == 1)
    }

    @Test("many first readers at once make one request and one record")
    func herd() async throws {
        let fixture = try await fixture()
        try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<50 {
                group.addTask { try await fixture.service.getToken(alice, TokenQuery()).accessToken }
            }
            for try await token in group { #expect(token == Secret("access-2")) }
        }
        #expect(fixture.provider.attempts == 1)
        #expect(await fixture.store.grants.count == 1)
    }

    @Test("a failure leaves a record that a later success heals")
    func healed() async throws {
        let fixture = try await fixture()
        fixture.provider.answer(Self.failure)
        #expect(await getToken(fixture) == "provider-unreachable")
        let record = try #require(try await fixture.store.record(alice))
        #expect(record.status == .degraded)
        #expect(!record.hasAccessToken)
        #expect(record.dueAt != nil)
        fixture.provider.answer(nil)
        fixture.clock.advance(by: .seconds(10))
        #expect(try await fixture.service.getToken(alice, TokenQuery()).accessToken == Secret("access-2"))
        #expect(try await fixture.store.record(alice)?.status == .healthy)
        #expect(fixture.provider.attempts == 2)
    }

    @Test("right after a failure the provider is not asked again for every reader")
    func paced() async throws {
        let fixture = try await fixture()
        fixture.provider.answer(Self.failure)
        for _ in 0..<5 { #expect(await getToken(fixture) == "provider-unreachable") }
        #expect(fixture.provider.attempts == 1)
    }

    @Test("an ended token is had again")
    func ended() async throws {
        let fixture = try await fixture()
        await fixture.connect(lifetime: .seconds(60), refreshToken: nil)
        fixture.clock.advance(by: .seconds(61))
        #expect(try await fixture.service.getToken(alice, TokenQuery()).accessToken == Secret("access-2"))
    }

    @Test("nothing is stored or sent while the tool is paused or unavailable, or the store held")
    func standstill() async throws {
        let paused = try await fixture()
        _ = try await paused.service.pauseTool(Fixture.mail)
        let unavailable = try await fixture(obstacle: ToolObstacle(isPaused: false, detail: "Broken."))
        let held = try await fixture(hold: .restored)
        for (fixture, code) in [(paused, "tool-paused"), (unavailable, "tool-unavailable"), (held, "held")] {
            #expect(await getToken(fixture) == code)
            #expect(await fixture.store.grants.isEmpty)
            #expect(fixture.provider.attempts == 0)
        }
    }

    @Test("nothing is stored while its issuer cannot be asked where tokens are had")
    func issuer() async throws {
        let unreachable = try await Fixture(policy: Self.policy) { () async throws(ToolAuthError) in
            throw ToolAuthError(.providerUnreachable, "The issuer cannot be reached.")
        }
        #expect(await getToken(unreachable) == "provider-unreachable")
        #expect(await unreachable.store.grants.isEmpty)
        #expect(unreachable.provider.attempts == 0)
        let reachable = try await Fixture(policy: Self.policy) { () async throws(ToolAuthError) in
            "https://discovered.test:443"
        }
        _ = try await reachable.service.getToken(alice, TokenQuery())
        #expect(try await reachable.store.record(alice)?.tokenOrigin == "https://discovered.test:443")
    }

    @Test("nothing is sent where the record cannot be stored")
    func storeFails() async throws {
        let fixture = try await fixture()
        await fixture.store.failWrites(StoreError(.io, "disk full"))
        #expect(await getToken(fixture) == "store-unavailable")
        #expect(fixture.provider.attempts == 0)
    }

    @Test("it asks nobody to connect it, with a record or without, though others do")
    func authRequired() async throws {
        let fixture = try await fixture()
        func isRequired(_ fixture: Fixture) async throws -> Bool? {
            try await fixture.service.tools(for: alice.userID, in: .all).first?.isAuthRequired
        }
        #expect(try await isRequired(fixture) == false)
        fixture.provider.answer(Self.failure)
        _ = await getToken(fixture)
        #expect(try await isRequired(fixture) == false)
        #expect(try await isRequired(Fixture()) == true)
    }

    @Test("a forced refresh brings another token, but makes no record")
    func forced() async throws {
        let fixture = try await fixture()
        let none = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect(none == "not-connected")
        let generation = try await fixture.service.getToken(alice, TokenQuery()).record.generation
        fixture.clock.advance(by: .seconds(10))
        let record = try await fixture.service.tryRefreshToken(alice, refusedGeneration: generation)
        #expect(record.generation > generation)
        #expect(fixture.provider.attempts == 2)
    }

    @Test("its tokens are had again after it moved to another server: none is sent there")
    func moved() async throws {
        let fixture = try await fixture()
        await fixture.connect(refreshToken: nil) { $0.tokenOrigin = "https://former.test:443" }
        #expect(try await fixture.service.getToken(alice, TokenQuery()).warning == nil)
        #expect(try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil).status == .healthy)
        let bound = try await Fixture(policy: Self.policy, bindings: "https://former.test:443")
        #expect(try bound.tools.tool(Fixture.mail).status == .available)
    }

    @Test("its tokens are had again after it got another client, and are bound to that one")
    func otherClient() async throws {
        var granted = Fixture.grant(at: Fixture.noon, refreshToken: nil)
        granted.clientID = "client"
        granted.tokenOrigin = "https://provider.test:443"
        let fixture = try await Fixture(grant: granted, policy: Self.policy)
        await fixture.connect(refreshToken: nil) {
            $0.clientID = "former"
            $0.tokenOrigin = "https://former.test:443"
        }
        #expect(try await fixture.service.getToken(alice, TokenQuery()).warning == nil)
        #expect(try await fixture.service.tools(for: alice.userID, in: .all).first?.isAuthRequired == false)
        #expect(try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil).status == .healthy)
        #expect(fixture.provider.attempts == 1)
        let record = try #require(try await fixture.store.record(alice))
        #expect(record.clientID == "client")
        #expect(record.tokenOrigin == "https://provider.test:443")
    }

    @Test("a test of it gets no token in earnest")
    func tested() async throws {
        let fixture = try await fixture()
        _ = try await fixture.service.testTool(Fixture.mail)
        #expect(fixture.provider.attempts == 0)
    }
}

@Suite("A tool whose access tokens buy the next")
struct AccessTokenExchangeTests {
    let alice = Fixture.alice

    private func fixture() async throws -> Fixture {
        var policy = RefreshPolicy()
        policy.method = .exchangeAccessToken
        return try await Fixture(policy: policy)
    }

    @Test("is refreshed while one is valid")
    func valid() async throws {
        let fixture = try await fixture()
        await fixture.connect(refreshToken: nil)
        fixture.clock.advance(by: .seconds(3550))
        #expect(try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil).generation == 2)
        #expect(fixture.provider.attempts == 1)
    }

    @Test("needs its user once it has ended, and nothing is sent")
    func ended() async throws {
        let fixture = try await fixture()
        await fixture.connect(refreshToken: nil)
        fixture.clock.advance(by: .seconds(3600))
        let read = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.getToken(alice, TokenQuery())
        }
        #expect(read == "reauthorization-required")
        let forced = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect(forced == "provider-error")
        let reported = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: 1)
        }
        #expect(reported == "reauthorization-required")
        #expect(try await fixture.store.record(alice)?.status == .needsReauthorization(.expiredUnrefreshable))
        #expect(fixture.provider.attempts == 0)
    }

    @Test("is not made without a user")
    func notConnected() async throws {
        let fixture = try await fixture()
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.getToken(alice, TokenQuery())
        }
        #expect(code == "not-connected")
        #expect(await fixture.store.grants.isEmpty)
    }
}

@Suite("Importing metadata")
struct ImportedMetadataTests {
    @Test(
        "that decides where requests go is refused",
        arguments: ["accounts-server", "connection.shop", "connection.", "redirect_uri"])
    func refused(name: String) async throws {
        let fixture = try await Fixture()
        let error = await #expect(throws: ToolAuthError.self) {
            _ = try await fixture.service.importToolAuth(
                Fixture.alice, tokens([name: "evil.example", "a": "b"]), .none)
        }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == "metadata")
        #expect(error?.detail.contains("'\(name)'") == true)
        #expect(await fixture.store.grants.isEmpty)
        #expect(fixture.provider.attempts == 0)
    }

    @Test("that is only known is kept")
    func kept() async throws {
        let fixture = try await Fixture()
        let metadata = ["team.id": "T1", "connectionx": "1", "redirect_uri2": "2", "Accounts-Server": "3"]
        let result = try await fixture.service.importToolAuth(Fixture.alice, tokens(metadata), .none)
        #expect(result.record.metadata == metadata)
    }

    private func tokens(_ metadata: [String: String]) -> ImportedTokens {
        ImportedTokens(
            accessToken: Secret("access"), refreshToken: Secret("refresh"), tokenType: "Bearer", expiresAt: nil,
            expiresIn: nil, refreshTokenExpiresAt: nil, scope: nil, metadata: metadata)
    }
}
