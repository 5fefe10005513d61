import OAuth
import Refresh
import RefreshTestSupport
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Connecting a user")
struct ConnectingTests {
    let alice = Fixture.alice

    func begin(_ fixture: Fixture, frontend: String? = nil) async throws -> PendingAuthorization {
        try await fixture.service.getAuthURL(alice, options: AuthURLOptions(frontendRedirect: frontend))
    }

    func complete(
        _ fixture: Fixture, _ state: Secret, tool: ToolID? = nil, user: UserID? = nil, scope: AccessScope = .all
    ) async throws(ToolAuthError) -> CompletedAuthorization {
        try await fixture.service.retrieveAuthToken(
            fixture.callback(state), expectedToolID: tool, expectedUserID: user, in: scope)
    }

    @Test("the tokens of the exchange are stored, and the flow is connected")
    func connected() async throws {
        let fixture = try await Fixture()
        let pending = try await begin(fixture)
        #expect(try await fixture.service.authorization(pending.id, in: .all).status == .pending)
        let completed = try await complete(fixture, pending.state)
        #expect(completed.record.status == .healthy)
        #expect(completed.record.scope == "read")
        #expect(completed.redirectTo == nil)
        #expect(try await fixture.store.load(alice)?.accessToken == Secret("access-2"))
        #expect(try await fixture.service.authorization(pending.id, in: .all).status == .connected)
        #expect(fixture.events.kinds == [.connected])
        #expect(fixture.timer.instant == completed.record.refreshAt)
    }

    @Test("a state works once")
    func once() async throws {
        let fixture = try await Fixture()
        let pending = try await begin(fixture)
        _ = try await complete(fixture, pending.state)
        let code = await errorCode { () async throws(ToolAuthError) in try await complete(fixture, pending.state) }
        #expect(code == "invalid-callback")
        #expect(fixture.events.kinds == [.connected])
    }

    @Test("a forged or expired state is refused")
    func refused() async throws {
        let fixture = try await Fixture()
        let pending = try await begin(fixture)
        let forged = await errorCode { () async throws(ToolAuthError) in
            try await complete(fixture, Secret("forged"))
        }
        #expect(forged == "invalid-callback")
        fixture.clock.advance(by: .seconds(601))
        let expired = await errorCode { () async throws(ToolAuthError) in try await complete(fixture, pending.state) }
        #expect(expired == "invalid-callback")
        #expect(try await fixture.service.authorization(pending.id, in: .all).status == .expired)
    }

    @Test("nobody completes somebody else's flow, and the state is used up by trying")
    func somebodyElse() async throws {
        let fixture = try await Fixture()
        let pending = try await begin(fixture)
        let wrong = await errorCode { () async throws(ToolAuthError) in
            try await complete(fixture, pending.state, user: UserID("bob"))
        }
        #expect(wrong == "invalid-callback")
        let late = await errorCode { () async throws(ToolAuthError) in
            try await complete(fixture, pending.state, user: UserID("alice"))
        }
        #expect(late == "invalid-callback")
        #expect(try await fixture.service.authorization(pending.id, in: .all).status == .failed)
    }

    @Test("a refused consent ends the flow as denied, another refusal as failed")
    func denied() async throws {
        let fixture = try await Fixture()
        for (error, status) in [("access_denied", AuthorizationStatus.denied), ("server_error", .failed)] {
            let pending = try await begin(fixture)
            var refusal = ToolAuthError(.providerError, "Refused.")
            refusal.provider = AttemptFailure(code: error, detail: "Refused.")
            fixture.provider.failExchange(refusal)
            let code = await errorCode { () async throws(ToolAuthError) in
                try await complete(fixture, pending.state)
            }
            #expect(code == "provider-error")
            let summary = try await fixture.service.authorization(pending.id, in: .all)
            #expect(summary.status == status)
            #expect(summary.error == error)
        }
    }

    @Test("connecting again replaces the tokens in one step and keeps the old ones until then")
    func again() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        let pending = try await begin(fixture)
        #expect(try await fixture.service.getToken(alice, TokenQuery()).accessToken == Secret("access-1"))
        let completed = try await complete(fixture, pending.state)
        #expect(completed.record.generation == 2)
        #expect(try await fixture.service.getToken(alice, TokenQuery()).accessToken == Secret("access-2"))
    }

    @Test("a later consent without a refresh token does not take a working grant away")
    func missingRefreshToken() async throws {
        let fixture = try await Fixture(grant: Fixture.grant(at: Fixture.noon, refreshToken: nil))
        await fixture.connect()
        let pending = try await begin(fixture)
        let code = await errorCode { () async throws(ToolAuthError) in try await complete(fixture, pending.state) }
        #expect(code == "provider-error")
        #expect(try await fixture.store.load(alice)?.refreshToken == Secret("refresh-1"))
        #expect(try await fixture.service.authorization(pending.id, in: .all).error == "no_refresh_token")
    }

    @Test("a consent without a refresh token replaces a dead grant")
    func missingRefreshTokenOfDeadGrant() async throws {
        let fixture = try await Fixture(grant: Fixture.grant(at: Fixture.noon, refreshToken: nil))
        await fixture.connect { $0.status = .needsReauthorization(.grantRejected) }
        let pending = try await begin(fixture)
        #expect(try await complete(fixture, pending.state).record.status == .healthy)
    }

    @Test("the browser is sent on with tool and result appended")
    func redirect() async throws {
        let fixture = try await Fixture()
        let pending = try await begin(fixture, frontend: "https://app.test/done?x=1")
        let completed = try await complete(fixture, pending.state)
        #expect(completed.redirectTo == "https://app.test/done?x=1&tool_id=mail&result=connected")
    }

    @Test("a cancelled flow is gone")
    func cancelled() async throws {
        let fixture = try await Fixture()
        let pending = try await begin(fixture)
        try await fixture.service.cancelAuthorization(pending.id, in: .all)
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.authorization(pending.id, in: .all)
        }
        #expect(code == "unknown-authorization")
        let late = await errorCode { () async throws(ToolAuthError) in try await complete(fixture, pending.state) }
        #expect(late == "invalid-callback")
    }

    @Test("a tool whose configuration is wrong says so")
    func unavailable() async throws {
        let fixture = try await Fixture()
        let registry = ToolRegistry([
            Tool(
                id: Fixture.mail, title: "Mail", provider: "test", client: nil,
                obstacle: ToolObstacle(isPaused: false, detail: "mail.yaml:3:5: client_id is missing."))
        ])
        #expect(registry.refreshable(Fixture.mail) == nil)
        #expect(registry.refreshableTools.isEmpty)
        #expect(try registry.tool(Fixture.mail).status == .unavailable)
        _ = fixture
    }
}

@Suite("Importing")
struct ImportingTests {
    let alice = Fixture.alice

    func tokens(access: String? = "access", refresh: String? = "refresh") -> ImportedTokens {
        ImportedTokens(
            accessToken: access.map { Secret($0) }, refreshToken: refresh.map { Secret($0) }, tokenType: "Bearer",
            expiresAt: nil, expiresIn: nil, refreshTokenExpiresAt: nil, scope: nil, metadata: ["instance": "eu"])
    }

    @Test("tokens from elsewhere become a grant of the tool")
    func imported() async throws {
        let fixture = try await Fixture()
        var given = tokens()
        given.expiresIn = .seconds(600)
        let result = try await fixture.service.importToolAuth(alice, given, .none)
        #expect(result.created)
        #expect(result.record.expiresAt == Fixture.noon + .seconds(600))
        #expect(result.record.scope == "read write")
        #expect(result.record.metadata == ["instance": "eu"])
        #expect(fixture.events.kinds == [.connected])
        #expect(try await !fixture.service.importToolAuth(alice, given, .none).created)
    }

    @Test("a token without an end and with a refresh token lives an hour, without one for ever")
    func unknownEnd() async throws {
        let fixture = try await Fixture()
        let refreshable = try await fixture.service.importToolAuth(alice, tokens(), .none)
        #expect(refreshable.record.expiresAt == Fixture.noon + .seconds(3600))
        let endless = try await fixture.service.importToolAuth(alice, tokens(refresh: nil), .none)
        #expect(endless.record.expiresAt == nil)
        #expect(endless.record.dueAt == nil)
    }

    @Test("a refresh token alone is degraded and due at once")
    func refreshTokenAlone() async throws {
        let fixture = try await Fixture()
        let result = try await fixture.service.importToolAuth(alice, tokens(access: nil), .none)
        #expect(result.record.status == .degraded)
        #expect(result.record.dueAt == Fixture.noon)
        #expect(await eventually { fixture.provider.attempts == 1 })
    }

    @Test("a precondition that does not hold changes nothing")
    func preconditions() async throws {
        let fixture = try await Fixture()
        let absent = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.importToolAuth(alice, tokens(), .generation(1))
        }
        #expect(absent == "generation-mismatch")
        await fixture.connect()
        let present = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.importToolAuth(alice, tokens(), .absent)
        }
        #expect(present == "generation-mismatch")
        #expect(try await fixture.store.load(alice)?.accessToken == Secret("access-1"))
    }
}

@Suite("Deleting")
struct DeletingTests {
    let alice = Fixture.alice

    @Test("a grant is forgotten, and then revoked at the provider")
    func revoked() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        try await fixture.service.deleteToolAuth(alice, .none, revoke: true)
        #expect(try await fixture.store.load(alice) == nil)
        #expect(await eventually { fixture.provider.revoked.map(\.refreshToken) == [Secret("refresh-1")] })
        #expect(await eventually { await fixture.store.revocations.isEmpty })
        #expect(fixture.events.kinds == [.deleted])
    }

    @Test("without revocation nothing is sent")
    func kept() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        try await fixture.service.deleteToolAuth(alice, .none, revoke: false)
        #expect(await fixture.store.revocations.isEmpty)
    }

    @Test("a provider that cannot be told is told again within half a minute, and given up after a day")
    func retried() async throws {
        let fixture = try await Fixture()
        fixture.provider.failRevocation(AttemptFailure(code: "http_503", detail: "Down."))
        await fixture.connect()
        try await fixture.service.deleteToolAuth(alice, .none, revoke: true)
        #expect(await eventually { fixture.revocationTimer.instant != nil })
        let retry = try #require(fixture.revocationTimer.instant)
        #expect(retry > Fixture.noon && retry <= Fixture.noon + .seconds(30))
        fixture.clock.advance(by: .seconds(86_400))
        await fixture.revocations.wake()
        #expect(await eventually { fixture.events.kinds == [.deleted, .revocationFailed] })
        #expect(await fixture.store.revocations.isEmpty)
    }

    @Test("where one revocation ends every grant, none is made while another tool of the client is connected")
    func grantScope() async throws {
        let fixture = try await Fixture(revocationScope: .grant, siblings: ["drive"])
        let drive = ToolAuthKey(toolID("drive"), alice.userID)
        await fixture.connect()
        await fixture.connect(drive)
        try await fixture.service.deleteToolAuth(alice, .none, revoke: true)
        #expect(await fixture.store.revocations.isEmpty)
        try await fixture.service.deleteToolAuth(drive, .none, revoke: true)
        #expect(await eventually { fixture.provider.revoked.count == 1 })
    }

    @Test("a delete that cannot be stored deletes and revokes nothing")
    func unstorable() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        await fixture.store.failWrites(StoreError(.io, "The disk is full."))
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.deleteToolAuth(alice, .none, revoke: true)
        }
        #expect(code == "store-unavailable")
        #expect(try await fixture.store.load(alice) != nil)
        #expect(fixture.provider.revoked.isEmpty)
    }

    @Test("what is not there cannot be deleted, nor what is of another generation")
    func mismatch() async throws {
        let fixture = try await Fixture()
        let absent = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.deleteToolAuth(alice, .none, revoke: true)
        }
        #expect(absent == "not-connected")
        await fixture.connect()
        let other = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.deleteToolAuth(alice, .generation(9), revoke: true)
        }
        #expect(other == "generation-mismatch")
    }
}
