import OAuth
import Testing
import ToolAuthCore

@testable import Providers

@Suite("Merging refresh policies")
struct RefreshPolicyTests {
    private func policy(daemon: String = "", provider: String = "", tool: String = "") throws -> RefreshPolicy {
        let fixture = ConfigurationFixture()
        fixture.write("toolauthd.yaml", "refresh: {\(daemon)}\n")
        fixture.write("providers.d/p.yaml", plainProvider + "  refresh: {\(provider)}\n")
        fixture.write("tools.d/t.yaml", plainTool + "  refresh: {\(tool)}\n")
        let loaded = try fixture.load()
        #expect(loaded.problems.isEmpty)
        return try #require(loaded.tools.first).oauth2.refreshPolicy
    }

    @Test("nothing said is what is built in")
    func builtIn() throws {
        #expect(try policy() == RefreshPolicy())
    }

    @Test("the tool goes before the provider, the provider before toolauthd.yaml")
    func precedence() throws {
        #expect(try policy(daemon: "jitter: 0.3").jitter == 0.3)
        #expect(try policy(daemon: "jitter: 0.3", provider: "jitter: 0.2").jitter == 0.2)
        #expect(try policy(daemon: "jitter: 0.3", provider: "jitter: 0.2", tool: "jitter: 0").jitter == 0)
    }

    @Test("each part of `ahead` is merged by itself")
    func ahead() throws {
        let merged = try policy(
            daemon: "ahead: {fraction: 0.5}", provider: "ahead: {min: 5m}", tool: "ahead: {max: 1h}")
        #expect(merged.aheadFraction == 0.5)
        #expect(merged.aheadMinimum == .seconds(300))
        #expect(merged.aheadMaximum == .seconds(3600))
    }

    @Test("every key has its effect")
    func all() throws {
        var expected = RefreshPolicy()
        expected.method = .none
        expected.rotation = .singleUse
        expected.replayWindow = .seconds(600)
        expected.eagerness = .active
        expected.idleAfter = .seconds(86_400)
        expected.aheadFraction = 1
        expected.aheadMinimum = .zero
        expected.aheadMaximum = .seconds(86_400)
        expected.jitter = 1
        expected.earliest = .seconds(30)
        expected.atLeast = .seconds(43_200)
        expected.assumedLifetime = .seconds(3600)
        expected.refreshTokenLifetime = .seconds(180 * 86_400)
        expected.refreshTokenIdle = .seconds(90 * 86_400)
        expected.refreshTokenAbsolute = .seconds(365 * 86_400)
        expected.concurrency = 4
        expected.rate = RefreshPolicy.Rate(requests: 10, per: .seconds(600), scope: .record)
        let keys = """
            how: none, rotation: single_use, replay_window: 10m, assume_expires_in: 1h, at_least: 12h, \
            refresh_token: {lifetime: 180d, idle: 90d, absolute: 365d}, ahead: {fraction: 1, min: 0s, max: 1d}, \
            jitter: 1, earliest: 30s, concurrency: 4, rate: {requests: 10, per: 10m, by: record}
            """
        let wish = "policy: active, idle_after: 1d"
        #expect(try policy(tool: "\(keys), \(wish)") == expected)
        #expect(try policy(provider: keys, tool: wish) == expected)
        #expect(try policy(daemon: wish, provider: keys) == expected)
        expected.rotation = .rotating
        #expect(try policy(provider: keys, tool: "\(wish), rotation: rotating") == expected)
    }

    @Test("each part of `refresh_token` is merged by itself")
    func refreshToken() throws {
        let merged = try policy(
            provider: "refresh_token: {idle: 30d, lifetime: 60d}", tool: "refresh_token: {lifetime: 7d, absolute: 90d}")
        #expect(merged.refreshTokenIdle == .seconds(30 * 86_400))
        #expect(merged.refreshTokenLifetime == .seconds(7 * 86_400))
        #expect(merged.refreshTokenAbsolute == .seconds(90 * 86_400))
    }

    @Test("a rate is one statement: a tool's takes the place of its provider's whole, and counts the client's requests")
    func rate() throws {
        let merged = try policy(
            provider: "rate: {requests: 10, per: 10m, by: record}", tool: "rate: {requests: 5, per: 1m}")
        #expect(merged.rate == RefreshPolicy.Rate(requests: 5, per: .seconds(60), scope: .client))
    }

    @Test("toolauthd.yaml says for whom and until when; a tool may differ in each")
    func eagerness() throws {
        let merged = try policy(daemon: "policy: active, idle_after: 3d", tool: "idle_after: 1d")
        #expect(merged.eagerness == .active)
        #expect(merged.idleAfter == .seconds(86_400))
        #expect(try policy(daemon: "idle_after: 3d", tool: "policy: active").idleAfter == .seconds(3 * 86_400))
        #expect(try policy(daemon: "policy: active", tool: "policy: eager").eagerness == .eager)
    }

    @Test("a contradiction is told where it was written, in the provider's document too")
    func contradiction() throws {
        let fixture = ConfigurationFixture()
        fixture.write(
            "providers.d/p.yaml",
            plainProvider + "  refresh: {at_least: 1m, rate: {requests: 1, per: 1h, by: record}}\n")
        fixture.write("tools.d/t.yaml", plainTool)
        #expect(
            try fixture.problems() == [
                "providers.d/p.yaml:4:13: example.refresh.at_least: is every 1m, and 'rate' allows each grant 1 in 1h, "
                    + "taking provider document and toolauthd.yaml together"
            ])
    }
}
