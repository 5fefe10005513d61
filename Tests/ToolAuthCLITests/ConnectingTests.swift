import Glibc
import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Connecting")
struct ConnectingTests {
    private static func flow(expires: Int64 = 600) -> String {
        reply(
            201,
            #"{"authorization_id":"f1","auth_url":"https://p/?state=s","state":"s","expires_at":"\#(time(expires))"}"#)
    }

    private static func outcome(_ status: String, _ more: String = "") -> String {
        reply(
            200,
            #"{"authorization_id":"f1","tool_id":"gmail","user_id":"alice","status":"\#(status)","expires_at":"\#(time(600))"\#(more)}"#
        )
    }

    /// Runs the program against a daemon whose flow has these states, one each time it is asked.
    private func run(
        _ arguments: [String], isTerminal: Bool = false, input: String = "", states: [String] = []
    ) async throws -> (status: Int32, world: TestWorld, calls: [ScriptedServer.Request]) {
        let left = Locked(states)
        let server = try ScriptedServer { request in
            if request.call.hasPrefix("GET /v1/authorizations/") {
                return left.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? Self.outcome("pending") }
            }
            return request.call.hasPrefix("POST /v1/callback") ? reply(200, record()) : Self.flow()
        }
        defer { server.stop() }
        let world = TestWorld(socket: server.path, isTerminal: isTerminal, input: input)
        let status = await Program.run(arguments, in: world.context)
        return (status, world, server.requests)
    }

    @Test("authorize prints the URL alone")
    func authorize() async throws {
        let (status, world, calls) = try await run(["authorize", "gmail", "bob"])
        #expect(status == 0)
        #expect(world.output == "https://p/?state=s\n")
        #expect(world.errors == "")
        #expect(calls.map(\.call) == ["POST /v1/tools/gmail/users/bob/authorize"])
        #expect(calls.first?.body == "{}")
    }

    @Test("authorize on a terminal says beside the URL what it is")
    func authorizeOnTerminal() async throws {
        let (_, world, _) = try await run(["authorize", "gmail"], isTerminal: true)
        #expect(world.output == "https://p/?state=s\n")
        #expect(world.errors == "Open this, as alice, to connect gmail:\nIt expires in 10 min.\n")
    }

    @Test("authorize passes every option on")
    func options() async throws {
        let (_, _, calls) = try await run([
            "authorize", "gmail", "--scope", "a b", "--scope", "c", "--redirect-uri", "https://r", "--login-hint", "h",
            "--prompt", "consent", "--frontend-redirect", "https://f", "--connection", "subdomain=x", "--param", "p=1",
        ])
        #expect(
            calls.first?.body == """
                {"connection":{"subdomain":"x"},"extra_params":{"p":"1"},"frontend_redirect":"https://f","login_hint":"h",\
                "prompt":"consent","redirect_uri":"https://r","scopes":["a","b","c"]}
                """)
    }

    @Test("authorize --wait asks once a second until the flow has ended")
    func wait() async throws {
        let states = [Self.outcome("pending"), Self.outcome("pending"), Self.outcome("connected")]
        let (status, world, calls) = try await run(["authorize", "gmail", "--wait"], states: states)
        #expect(status == 0)
        #expect(world.output == "https://p/?state=s\n")
        #expect(world.errors == "alice has connected gmail.\n")
        #expect(world.sleeps == [.seconds(1), .seconds(1)])
        #expect(calls.last?.call == "GET /v1/authorizations/f1")
    }

    @Test(
        "authorize --wait ends badly where the flow did, with why and what to do",
        arguments: [
            (
                "denied", #","error":"access_denied""#,
                "Error: alice refused to connect gmail (access_denied); to try again: toolauthctl authorize gmail alice\n"
            ),
            (
                "expired", "",
                "Error: nobody consented before the URL expired; to try again: toolauthctl authorize gmail alice\n"
            ),
            (
                "failed", #","error":"e\u001b""#,
                "Error: connecting gmail failed (e\\x1b); to try again: toolauthctl authorize gmail alice\n"
            ),
        ])
    func waitInVain(_ state: String, _ more: String, _ message: String) async throws {
        let (status, world, _) = try await run(["authorize", "gmail", "--wait"], states: [Self.outcome(state, more)])
        #expect(status == 80)
        #expect(world.errors == message)
    }

    @Test("authorize --wait ends by its deadline", arguments: [([], 605), (["--timeout", "10s"], 10)])
    func deadline(_ more: [String], _ seconds: Int) async throws {
        let (status, world, _) = try await run(["authorize", "gmail", "--wait"] + more)
        #expect(status == 75)
        #expect(world.sleeps.reduce(.zero, +) == .seconds(seconds))
        #expect(world.errors == "Error: alice has not consented yet; the URL works until \(time(600))\n")
    }

    @Test(
        "authorize --wait outlasts a daemon that is away for a while, and no refusal",
        arguments: [
            (problem(503, "store-unavailable"), 29, 0, 29), (problem(503, "store-unavailable"), 30, 75, 29),
            (problem(404, "unknown-authorization"), 1, 66, 0),
        ])
    func waitThroughFailures(_ answer: String, _ times: Int, _ expected: Int32, _ sleeps: Int) async throws {
        let states = Array(repeating: answer, count: times) + [Self.outcome("connected")]
        let (status, world, _) = try await run(["authorize", "gmail", "--wait"], states: states)
        #expect(status == expected)
        #expect(world.sleeps.count == sleeps)
    }

    @Test("authorize --wait --json prints the flow and then its end, a line each")
    func waitJSON() async throws {
        let (_, world, _) = try await run(
            ["authorize", "gmail", "--wait", "--json"], states: [Self.outcome("connected")])
        let lines = world.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains(#""auth_url""#) == true)
        #expect(lines.last?.contains(#""status":"connected""#) == true)
    }

    @Test("authorize --wait on a terminal keeps one line of progress, and takes it away")
    func progress() async throws {
        let states = [Self.outcome("pending"), Self.outcome("connected")]
        let (_, world, _) = try await run(["authorize", "gmail", "--wait"], isTerminal: true, states: states)
        #expect(world.errors.contains("\r\u{1b}[KWaiting for alice to consent, 10 min left\r\u{1b}[K"))
        #expect(world.errors.hasSuffix("alice has connected gmail.\n"))
    }

    @Test(
        "callback gives the daemon the URL and the expected ids",
        arguments: [
            (["callback", "https://a/cb?code=c&state=s", "--expect-user", "alice", "--expect-tool", "gmail"], ""),
            (
                ["callback", "-", "--expect-user", "alice", "--expect-tool", "gmail"],
                "  https://a/cb?code=c&state=s \r\nrest"
            ),
        ])
    func callback(_ arguments: [String], _ input: String) async throws {
        let (status, world, calls) = try await run(arguments, input: input)
        #expect(status == 0)
        #expect(calls.map(\.call) == ["POST /v1/callback"])
        #expect(
            calls.first?.body
                == #"{"expected_tool_id":"gmail","expected_user_id":"alice","url":"https://a/cb?code=c&state=s"}"#)
        #expect(world.output == "gmail of alice is healthy, its token is valid for 59 min (generation 7)\n")
    }

    @Test("callback tells where the browser goes on to")
    func redirect() async throws {
        let server = try ScriptedServer { _ in
            reply(200, record("gmail", "alice", "healthy", #","redirect_to":"https://f/?x""#))
        }
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        #expect(await world.run("callback", "https://x") == 0)
        #expect(world.output.hasSuffix("The browser goes on to https://f/?x\n"))
    }

    @Test("callback - without a line is wrong usage")
    func noCallback() async throws {
        let (status, _, calls) = try await run(["callback", "-"], input: "\n")
        #expect(status == 64)
        #expect(calls.isEmpty)
    }
}
