import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("Status")
struct StatusTests {
    func status(
        _ tools: [(String, ToolSummary.Status, StatusCounts)], next: Timestamp? = nil, held: String? = nil,
        storeProblem: String? = nil, heldResults: Int = 0
    ) -> ServiceStatus {
        var status = ServiceStatus(
            version: "1", startedAt: Fixture.noon, uptime: .zero,
            tools: tools.map { ServiceStatus.Tool(toolID: toolID($0.0), status: $0.1, reason: nil, counts: $0.2) },
            nextDueAt: next, lag: .zero, endpoints: [], held: held, warnings: [])
        (status.storeProblem, status.heldResults) = (storeProblem, heldResults)
        return status
    }

    @Test("the sentence says how many tokens are fresh, when the next is due and what is wrong")
    func sentence() {
        #expect(StatusSentence.make(status([])) == "No tools are configured.")
        #expect(
            StatusSentence.make(status([("mail", .available, StatusCounts())]))
                == "No users are connected to 1 tool.")
        #expect(
            StatusSentence.make(
                status([("mail", .available, StatusCounts(healthy: 3))], next: Fixture.noon + .milliseconds(250)))
                == "3 tokens fresh; next refresh 2026-01-01 12:00:00 UTC.")
        #expect(
            StatusSentence.make(
                status([
                    ("mail", .available, StatusCounts(healthy: 7, degraded: 2, needsReauthorization: 1)),
                    ("slack", .unavailable, StatusCounts()),
                ]))
                == "7 of 10 tokens fresh; 2 failing to refresh; 1 user to connect again (mail); unavailable: slack.")
        // Nobody keeps fresh what stands still, and nothing comes next.
        let three = [("mail", ToolSummary.Status.available, StatusCounts(healthy: 3))]
        #expect(
            StatusSentence.make(status([("mail", .paused, StatusCounts(healthy: 3))]))
                == "0 of 3 tokens fresh; paused: mail.")
        #expect(
            StatusSentence.make(status(three, next: Fixture.noon, held: "it was restored"))
                == "0 of 3 tokens fresh; held: it was restored.")
        #expect(
            StatusSentence.make(status(three, next: Fixture.noon, storeProblem: "no room", heldResults: 2))
                == "3 tokens fresh; the store takes nothing that is written; 2 refreshes in memory alone.")
    }

    @Test("tools tell whether a user must connect them")
    func tools() async throws {
        let fixture = try await Fixture(siblings: ["drive"])
        await fixture.connect()
        let tools = try await fixture.service.tools(for: Fixture.alice.userID, in: .all)
        #expect(tools.map(\.toolID.rawValue) == ["drive", "mail"])
        #expect(tools.map(\.isAuthRequired) == [true, false])
        #expect(try await fixture.service.tools(for: nil, in: .all).map(\.isAuthRequired) == [nil, nil])
    }

    @Test("the daemon's status counts, and says how far it is behind")
    func counts() async throws {
        let fixture = try await Fixture()
        await fixture.connect { $0.refreshAt = Fixture.noon - .seconds(5) }
        let status = try await fixture.service.status(in: .all)
        #expect(status.tools.map(\.counts) == [StatusCounts(healthy: 1)])
        #expect(status.nextDueAt == Fixture.noon - .seconds(5))
        #expect(status.lag == .seconds(5))
        #expect(status.endpoints.map(\.isOpen) == [true])
        #expect(await fixture.service.health() == .ok)
    }

    @Test("it warns of secrets that the kernel does not lock, for as long as there are any")
    func unlockedSecrets() async throws {
        let memory = SecretMemory(lock: { _ in false })
        let fixture = try await Fixture(secrets: memory)
        #expect(try await fixture.service.status(in: .all).warnings == [])
        var secret: Secret? = Secret([UInt8](repeating: 1, count: 1 << 20), in: memory)
        #expect(secret?.count == 1 << 20)
        #expect(
            try await fixture.service.status(in: .all).warnings == [
                "1024 KiB of secrets lie in memory that the kernel does not lock, so they may be written to swap; "
                    + "raise LimitMEMLOCK= of the unit."
            ])
        secret = nil
        #expect(try await fixture.service.status(in: .all).warnings == [])
    }
}

@Suite("Where things are")
struct DaemonPathsTests {
    @Test("root has the system's places")
    func root() {
        let paths = DaemonPaths.standard(environment: ["HOME": "/root", "XDG_RUNTIME_DIR": "/run/user/0"], userID: 0)
        #expect(
            paths
                == DaemonPaths(
                    configuration: "/etc/toolauthd", state: "/var/lib/toolauthd", socket: "/run/toolauthd/api.sock"))
    }

    @Test("a unit has those its manager names")
    func unit() {
        let environment = ["STATE_DIRECTORY": "/var/lib/private/toolauthd:/x", "CONFIGURATION_DIRECTORY": "/etc/other"]
        let paths = DaemonPaths.standard(environment: environment, userID: 998)
        #expect(paths.state == "/var/lib/private/toolauthd")
        #expect(paths.configuration == "/etc/other")
        #expect(paths.socket == "/run/toolauthd/api.sock")
    }

    @Test("everybody else has his own")
    func user() {
        let plain = DaemonPaths.standard(
            environment: ["HOME": "/home/alice", "XDG_RUNTIME_DIR": "/run/user/1000"], userID: 1000)
        #expect(plain.configuration == "/home/alice/.config/toolauthd")
        #expect(plain.state == "/home/alice/.local/state/toolauthd")
        #expect(plain.socket == "/run/user/1000/toolauthd/api.sock")
        let named = DaemonPaths.standard(
            environment: ["HOME": "/home/alice", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "relative"], userID: 1000)
        #expect(named.configuration == "/c/toolauthd")
        #expect(named.state == "/home/alice/.local/state/toolauthd")
        #expect(named.socket == nil)
    }
}
