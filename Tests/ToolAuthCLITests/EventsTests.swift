import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Following events", .timeLimit(.minutes(1)))
struct EventsTests {
    private static func chunk(_ text: String) -> String {
        String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n"
    }

    private static let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

    private static func event(_ id: Int, _ kind: String, _ data: String) -> String {
        chunk("id: \(id)\nevent: \(kind)\ndata: \(data)\n\n")
    }

    /// Answers the first requests with these streams, each ended; further ones are refused.
    private func run(
        _ arguments: String..., isTerminal: Bool = false, streams: [String]
    ) async throws -> (status: Int32, world: TestWorld, calls: [ScriptedServer.Request]) {
        let rest = Locked(streams)
        let server = try ScriptedServer { _ in
            let stream = rest.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            return stream.map { Self.head + $0 + "0\r\n\r\n" } ?? problem(403, "forbidden", "No more.")
        }
        defer { server.stop() }
        let world = TestWorld(socket: server.path, isTerminal: isTerminal)
        return (await Program.run(["events"] + arguments, in: world.context), world, server.requests)
    }

    private static let paused =
        #"{"tool_id":"gmail","title":"Gmail","provider":"google","status":"paused","reason":"No."}"#

    private static let two =
        chunk("retry: 1000\nid: 4\n\n") + event(5, "auth.refreshed", record()) + event(6, "tool.paused", paused)

    @Test("a line for each, and the end when the daemon ends it")
    func lines() async throws {
        let (status, world, calls) = try await run("--tool", "gmail", "--user", "bob/work", streams: [Self.two])
        #expect(status == 0)
        #expect(calls.map(\.call) == ["GET /v1/events?tool_id=gmail&user_id=bob%2Fwork"])
        let lines = world.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains("auth.refreshed") == true)
        #expect(lines.first?.contains("gmail of alice, valid until") == true)
        #expect(lines.last?.contains("gmail: No.") == true)
    }

    @Test("with --json, the event as it came")
    func json() async throws {
        let (_, world, _) = try await run("--json", "--kind", "tool.paused", streams: [Self.two])
        #expect(world.output == #"{"id":"6","event":"tool.paused","data":\#(Self.paused)}"# + "\n")
    }

    @Test("with --json on a terminal, laid out, and without characters that it would obey")
    func jsonOnTerminal() async throws {
        let stream = Self.event(5, "auth.refreshed", record("gmail", "alice\u{202e}"))
        let (_, world, _) = try await run("--json", isTerminal: true, streams: [stream])
        #expect(world.output.hasPrefix("{\n  \"id\": \"5\",\n  \"event\": \"auth.refreshed\",\n  \"data\": {\n"))
        #expect(world.output.contains(#""user_id": "alice\u202e""#))
        #expect(!world.output.contains("\u{202e}"))
    }

    @Test("with --follow it comes back and goes on after the last event")
    func follow() async throws {
        let (status, world, calls) = try await run("-f", streams: [Self.two, Self.event(7, "reset", "{}")])
        #expect(status == ExitStatus.forbidden.rawValue)
        #expect(Self.lastIDs(calls) == [nil, "Last-Event-ID: 6", "Last-Event-ID: 7"])
        #expect(world.sleeps == [.seconds(1), .seconds(1)])
        #expect(world.output.contains("look at everything anew"))
    }

    @Test("with --follow it goes on where a stream began that had no event, too")
    func followWithoutEvents() async throws {
        let opening = Self.chunk("retry: 1000\nid: 4\n\n")
        let (_, _, calls) = try await run("-f", "--after", "3", streams: ["", opening, Self.two])
        #expect(
            Self.lastIDs(calls)
                == ["Last-Event-ID: 3", "Last-Event-ID: 3", "Last-Event-ID: 4", "Last-Event-ID: 6"])
        let fresh = try await run("-f", streams: [opening, ""])
        #expect(Self.lastIDs(fresh.calls) == [nil, "Last-Event-ID: 4", "Last-Event-ID: 4"])
    }

    private static func lastIDs(_ calls: [ScriptedServer.Request]) -> [String?] {
        calls.map { call in
            call.head.split(separator: "\r\n").first { $0.hasPrefix("Last-Event-ID") }.map(String.init)
        }
    }

    @Test("a command is run for each, with the event in its environment and on its standard input")
    func exec() async throws {
        let words = "$TOOLAUTH_EVENT $TOOLAUTH_TOOL $TOOLAUTH_USER $TOOLAUTH_STATUS"
        let command = "test \"\(words)\" = \"auth.refreshed gmail alice healthy\" && grep -q generation"
        let (status, world, _) = try await run("--kind", "auth.refreshed", "--exec", command, streams: [Self.two])
        #expect(status == 0)
        #expect(!world.errors.contains("ended with status"))
        let failing = try await run("--exec", "exit 7", streams: [Self.two])
        #expect(failing.status == 0)
        #expect(failing.world.errors.contains("auth.refreshed 5: the command ended with status 7"))
    }

    @Test("a refusal is one")
    func refused() async throws {
        let (status, world, _) = try await run(streams: [])
        #expect(status == ExitStatus.forbidden.rawValue)
        #expect(world.errors.contains("No more."))
    }

    @Test("counters are summed over their labels, and a restart is no throughput")
    func throughput() throws {
        let sums = MetricSums(
            """
            # HELP toolauth_refreshes_total x
            toolauth_refreshes_total{tool="a",outcome="refreshed"} 3
            toolauth_refreshes_total{tool="b",outcome="transient"} 4
            toolauth_api_requests_total{route="GET /v1/tools",code="200"} 10
            toolauth_tokens_issued_total{tool="a"} 2
            toolauth_due 5
            """)
        #expect(sums.refreshes == 7)
        #expect(sums.requests == 10)
        #expect(sums.tokens == 2)
        let nothing = MetricSums("")
        #expect(Throughput(from: nothing, to: sums, in: .seconds(2))?.refreshes == 3.5)
        #expect(Throughput(from: sums, to: nothing, in: .seconds(2)) == nil)
        #expect(Throughput(from: nothing, to: sums, in: .zero) == nil)
    }
}
