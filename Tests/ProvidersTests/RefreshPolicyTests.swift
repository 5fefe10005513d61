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
        expected.eagerness = .onDemand
        expected.aheadFraction = 1
        expected.aheadMinimum = .zero
        expected.aheadMaximum = .seconds(86_400)
        expected.jitter = 1
        expected.earliest = .seconds(30)
        expected.assumedLifetime = .seconds(3600)
        expected.refreshTokenIdle = .seconds(90 * 86_400)
        expected.concurrency = 4
        let keys = """
            how: none, rotation: single_use, replay_window: 10m, assume_expires_in: 1h, refresh_token: {idle: 90d}, \
            ahead: {fraction: 1, min: 0s, max: 1d}, jitter: 1, earliest: 30s, concurrency: 4
            """
        #expect(try policy(tool: keys + ", policy: on_demand") == expected)
        #expect(try policy(provider: keys, tool: "policy: on_demand") == expected)
        expected.rotation = .rotating
        #expect(try policy(provider: keys, tool: "policy: on_demand, rotation: rotating") == expected)
    }
}
