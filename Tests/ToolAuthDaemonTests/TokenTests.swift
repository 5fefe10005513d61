import Refresh
import RefreshTestSupport
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Asking for a token")
struct TokenTests {
    let alice = Fixture.alice

    @Test("a fresh token is handed out without asking the provider")
    func fresh() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        let token = try await fixture.service.getToken(alice, TokenQuery())
        #expect(token.accessToken == Secret("access-1"))
        #expect(token.expiresIn == .seconds(3600))
        #expect(token.warning == nil)
        #expect(fixture.provider.attempts == 0)
    }

    @Test("an expired token is refreshed first")
    func expired() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.clock.advance(by: .seconds(4000))
        let token = try await fixture.service.getToken(alice, TokenQuery())
        #expect(token.accessToken == Secret("access-2"))
        #expect(token.record.generation == 2)
    }

    @Test("a valid token is handed out with a warning when its refresh fails")
    func failing() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.clock.advance(by: .seconds(3570))
        fixture.provider.answer(
            .transient(AttemptFailure(code: "http_503", detail: "Down."), retryAfter: nil, atEndpoint: false))
        let token = try await fixture.service.getToken(alice, TokenQuery())
        #expect(token.accessToken == Secret("access-1"))
        #expect(token.warning == TokenWarning(.refreshFailed, "Down."))
    }

    @Test("a refresh that is not over in time leaves a valid token with a warning")
    func slow() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.clock.advance(by: .seconds(3570))
        fixture.provider.hold()
        let token = try await fixture.service.getToken(alice, TokenQuery(wait: .zero))
        #expect(token.accessToken == Secret("access-1"))
        #expect(token.warning?.kind == .shorterThanAsked)
        fixture.provider.release()
    }

    @Test("a refresh that is not over in time leaves nothing of an expired token")
    func pending() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.clock.advance(by: .seconds(4000))
        fixture.provider.hold()
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.getToken(alice, TokenQuery(wait: .zero))
        }
        #expect(code == "refresh-pending")
        fixture.provider.release()
    }

    struct FailureCase: Sendable, CustomTestStringConvertible {
        let outcome: RefreshOutcome
        let code: String
        var testDescription: String { "\(outcome.name) → \(code)" }
    }

    static let failure = AttemptFailure(code: "test", detail: "It failed.")

    @Test(
        "without a valid token the error says why",
        arguments: [
            FailureCase(outcome: .transient(failure, retryAfter: nil, atEndpoint: true), code: "provider-unreachable"),
            FailureCase(outcome: .ambiguous(failure), code: "provider-unreachable"),
            FailureCase(outcome: .malformed(failure, refreshToken: nil), code: "provider-unreachable"),
            FailureCase(outcome: .requestRejected(failure), code: "provider-error"),
            FailureCase(outcome: .clientRejected(failure), code: "provider-error"),
        ])
    func failures(example: FailureCase) async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.clock.advance(by: .seconds(4000))
        fixture.provider.answer(example.outcome)
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.getToken(alice, TokenQuery())
        }
        #expect(code == example.code)
        #expect(try await fixture.store.load(alice)?.refreshToken == Secret("refresh-1"))
    }

    @Test("a refused grant of a rotating provider requires the user again")
    func refused() async throws {
        var policy = RefreshPolicy()
        policy.rotation = .singleUse
        let fixture = try await Fixture(policy: policy)
        await fixture.connect()
        fixture.clock.advance(by: .seconds(4000))
        fixture.provider.answer(.grantRejected(Self.failure))
        for _ in 0..<2 {
            let code = await errorCode { () async throws(ToolAuthError) in
                try await fixture.service.getToken(alice, TokenQuery())
            }
            #expect(code == "reauthorization-required")
        }
        #expect(fixture.provider.attempts == 1)
        #expect(fixture.events.kinds == [.reauthorizationRequired])
    }

    @Test("an unknown tool suggests the nearest, a user who has not connected is told so")
    func unknown() async throws {
        let fixture = try await Fixture()
        do {
            _ = try await fixture.service.getToken(ToolAuthKey(toolID("mial"), alice.userID), TokenQuery())
            Issue.record("an unknown tool has no token")
        } catch {
            #expect(error.code == .unknownTool)
            #expect(error.suggestions == ["mail"])
        }
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.getToken(alice, TokenQuery())
        }
        #expect(code == "not-connected")
    }

    @Test("the tokens of a former client are handed out while valid, with a warning, and never refreshed")
    func formerClient() async throws {
        let fixture = try await Fixture()
        await fixture.connect { $0.clientID = "former" }
        let token = try await fixture.service.getToken(alice, TokenQuery(minimumValidity: .seconds(86_400)))
        #expect(token.warning?.kind == .reauthorizationRequired)
        #expect(token.record.status == .needsReauthorization(.configurationChanged))
        fixture.clock.advance(by: .seconds(4000))
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.getToken(alice, TokenQuery())
        }
        #expect(code == "reauthorization-required")
        #expect(fixture.provider.attempts == 0)
        #expect(try await fixture.store.record(alice)?.status == .healthy)
    }

    @Test("many readers of an expired token cause one refresh")
    func herd() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.clock.advance(by: .seconds(4000))
        try await withThrowingTaskGroup(of: Secret.self) { group in
            for _ in 0..<50 {
                group.addTask { try await fixture.service.getToken(alice, TokenQuery()).accessToken }
            }
            for try await token in group { #expect(token == Secret("access-2")) }
        }
        #expect(fixture.provider.attempts == 1)
    }
}

@Suite("Forcing a refresh")
struct ForcedRefreshTests {
    let alice = Fixture.alice

    @Test("it brings a new generation")
    func forced() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        let record = try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        #expect(record.generation == 2)
        #expect(fixture.provider.attempts == 1)
    }

    @Test("a report about a token that was already replaced sends nothing")
    func outdated() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        #expect(try await fixture.service.tryRefreshToken(alice, refusedGeneration: 0).generation == 1)
        #expect(fixture.provider.attempts == 0)
    }

    @Test("a generation newer than the stored one was never handed out")
    func future() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: 7)
        }
        #expect(code == "invalid-request")
    }

    @Test("two attempts are ten seconds apart, failed ones too")
    func pace() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        fixture.provider.answer(
            .transient(AttemptFailure(code: "x", detail: "x"), retryAfter: nil, atEndpoint: false))
        let first = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        let second = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect([first, second] == ["provider-unreachable", "refresh-too-soon"])
        fixture.clock.advance(by: .seconds(10))
        fixture.provider.answer(nil)
        _ = try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        #expect(fixture.provider.attempts == 2)
    }

    @Test("a token without end that a provider refused, with nothing to refresh it, needs the user")
    func unrefreshable() async throws {
        let fixture = try await Fixture()
        await fixture.connect(refreshToken: nil) { $0.expiresAt = nil }
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: 1)
        }
        #expect(code == "reauthorization-required")
        #expect(try await fixture.store.record(alice)?.status == .needsReauthorization(.expiredUnrefreshable))
    }

    @Test("while the provider asked for peace, nothing is sent")
    func held() async throws {
        let fixture = try await Fixture()
        await fixture.connect()
        let bob = ToolAuthKey(Fixture.mail, userID("bob"))
        await fixture.connect(bob)
        fixture.provider.answer(
            .transient(AttemptFailure(code: "x", detail: "x"), retryAfter: .seconds(30), atEndpoint: false))
        _ = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(bob, refusedGeneration: nil)
        }
        #expect(code == "rate-limited")
        #expect(fixture.provider.attempts == 1)
    }

    @Test("a token without a refresh token stays alive when a refresh is asked for without a reason")
    func plainForced() async throws {
        let fixture = try await Fixture()
        await fixture.connect(refreshToken: nil) { $0.expiresAt = nil }
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect(code == "provider-error")
        #expect(try await fixture.store.record(alice)?.status == .healthy)
    }

    @Test("an unsettled single-use token is not sent again every ten seconds by force")
    func unsettled() async throws {
        var policy = RefreshPolicy()
        policy.rotation = .singleUse
        let fixture = try await Fixture(policy: policy)
        await fixture.connect()
        fixture.provider.answer(.ambiguous(AttemptFailure(code: "timeout", detail: "Lost.")))
        _ = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        fixture.clock.advance(by: .seconds(11))
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect(code == "refresh-too-soon")
        #expect(fixture.provider.attempts == 1)
    }

    @Test("tokens of another origin are not refreshed: the tool counts as paused for them")
    func origin() async throws {
        let fixture = try await Fixture()
        await fixture.connect { $0.tokenOrigin = "https://former.test:443" }
        let code = await errorCode { () async throws(ToolAuthError) in
            try await fixture.service.tryRefreshToken(alice, refusedGeneration: nil)
        }
        #expect(code == "tool-paused")
        #expect(try await fixture.service.getToken(alice, TokenQuery()).warning?.kind == .toolPaused)
        #expect(fixture.provider.attempts == 0)
    }
}
