import Glibc
import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Failures")
struct FailureTests {
    @Test(
        "a verb that there is not is answered with those that may be meant",
        arguments: [
            ("statsu", "status?"), ("tolen", "token?"), ("tool", "tools?"), ("\u{1b}[31m", "see toolauthctl --help"),
            ("xyzzy", "see toolauthctl --help"),
        ])
    func verbs(verb: String, advice: String) async {
        let world = TestWorld(socket: "/nowhere")
        #expect(await world.run(verb, "gmail") == 64)
        #expect(world.errors.hasPrefix("Error: there is no verb "))
        #expect(world.errors.contains(advice))
        #expect(!world.errors.contains("\u{1b}"))
    }

    @Test(
        "a failure says in one line what is wrong and what to type, and ends with its status",
        arguments: [
            (problem(404, "not-connected"), 66, "bob has not connected gmail: toolauthctl authorize gmail bob"),
            (
                problem(404, "unknown-tool", "d", #","suggestions":["gmail2","gmx"]"#), 66,
                "there is no tool gmail: did you mean gmail2 or gmx?"
            ),
            (
                problem(409, "reauthorization-required", "d", #","reason":"grant_rejected","since":"\#(time(-7200))""#),
                80,
                "bob must authorize gmail again (the provider refused the refresh token, 2 h ago): toolauthctl authorize gmail bob"
            ),
            (
                problem(409, "reauthorization-required", "d", #","reason":"newer_reason""#), 80,
                "bob must authorize gmail again (newer_reason): toolauthctl authorize gmail bob"
            ),
            (problem(403, "forbidden", "rule x does not allow token"), 77, "rule x does not allow token"),
            (
                problem(422, "provider-error", "no", #","error":"invalid_client","error_description":"bad""#), 78,
                "the provider of gmail refused (invalid_client: bad): no"
            ),
            (problem(422, "provider-error", "no"), 75, "no"),
            (
                problem(400, "invalid-request", "is not a number", #","field":"min_validity""#), 64,
                "min_validity: is not a number"
            ),
            (
                problem(502, "provider-unreachable", "it is away", #","retry_after":30"#), 75,
                "it is away (try again in 30 s)"
            ),
            (problem(503, "tool-unavailable", "client_id is missing"), 78, "client_id is missing"),
            (problem(503, "held", "\\u001b[31mx\\n"), 75, "\\x1b[31mx\\x0a"),
            (problem(500, "internal-error", ""), 75, "T"),
            ("garbage", 69, "GARBAGE"),
            (reply(200, "{}"), 69, "the daemon's answer (status 200) is not the JSON that was asked for"),
        ])
    func problems(_ answer: String, _ status: Int32, _ message: String) async throws {
        let server = try ScriptedServer { _ in answer }
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        #expect(await world.run("token", "gmail", "bob") == status)
        #expect(world.output == "")
        let expected =
            message == "GARBAGE"
            ? "what answers at \(server.path) is not toolauthd, or not a version this program knows: it does not begin with HTTP/1.x"
            : message
        #expect(world.errors == "Error: \(expected)\n")
    }

    @Test(
        "an unknown tool is compared with the daemon's list where the daemon names none itself",
        arguments: [
            ("gmial", "did you mean gmail?"), ("Gmail", "did you mean gmail?"),
            ("zzzz", "toolauthctl tools lists them"),
        ])
    func suggestions(_ tool: String, _ advice: String) async throws {
        let server = try ScriptedServer { request in
            request.call == "GET /v1/tools"
                ? reply(200, #"{"tools":[{"tool_id":"gmail","title":"","provider":"","status":"available"}]}"#)
                : problem(404, "unknown-tool")
        }
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        #expect(await world.run("token", tool) == 66)
        #expect(world.errors == "Error: there is no tool \(tool): \(advice)\n")
    }

    @Test("a suggested command is safe to paste, and goes to the same daemon")
    func quotedCommand() async throws {
        let server = try ScriptedServer { _ in problem(404, "not-connected") }
        defer { server.stop() }
        let world = TestWorld()
        #expect(await world.run("token", "gmail", "a;b", "--socket", server.path) == 66)
        #expect(world.errors.hasSuffix(": toolauthctl authorize gmail 'a;b' --socket \(server.path)\n"))
    }

    @Test("with --json the problem document is the answer, and the sentence stands beside it")
    func problemAsJSON() async throws {
        let server = try ScriptedServer { _ in problem(404, "not-connected", "d") }
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        #expect(await world.run("token", "gmail", "--json") == 66)
        #expect(world.output == #"{"detail":"d","status":404,"title":"T","type":"urn:toolauthd:not-connected"}"# + "\n")
        #expect(world.errors.hasPrefix("Error: alice has not connected gmail"))
    }

    @Test("without a daemon, it is said where it was looked for")
    func noDaemon() async {
        let world = TestWorld(socket: "/nonexistent/api.sock")
        #expect(await world.run("status") == 69)
        #expect(
            world.errors == """
                Error: toolauthd is not running at /nonexistent/api.sock (no such socket): start the daemon that listens \
                there, or name another socket with TOOLAUTH_SOCKET

                """)
    }

    @Test("a daemon that closes without an answer is unreachable")
    func closing() async throws {
        let server = try ScriptedServer { peer in _ = peer.readRequest() }
        defer { server.stop() }
        let world = TestWorld(socket: server.path)
        #expect(await world.run("status") == 69)
        #expect(
            world.errors.contains("closed the connection without a whole answer: journalctl -u toolauthd tells why"))
    }

    static let usageErrors = [
        "frob", "token", "token gmail alice more", "token gmail --frob", "token gmail --min-validity x",
        "token gmail --header --json", "auths --status well", "authorize gmail --timeout 5s",
        "authorize gmail --param x",
        "refresh gmail --if-generation x", "--frob",
    ]

    @Test("usage errors of the argument parser end with 64 and are written to standard error", arguments: usageErrors)
    func usage(_ line: String) async {
        let world = TestWorld()
        #expect(await Program.run(line.split(separator: " ").map(String.init), in: world.context) == 64)
        #expect(world.output == "")
        #expect(world.errors.hasPrefix("Error: "))
    }

    @Test(
        "help and its like end with 0 and are the answer",
        arguments: [
            "", "--help", "help token", "token -h", "--generate-completion-script bash", "--version",
        ])
    func help(_ line: String) async {
        let world = TestWorld()
        #expect(await Program.run(line.split(separator: " ").map(String.init), in: world.context) == 0)
        #expect(world.output != "")
        #expect(world.errors == "")
    }

    @Test("on a terminal the word Error is red")
    func red() async {
        let world = TestWorld(isTerminal: true)
        _ = await world.run("status")
        #expect(world.errors.hasPrefix("\u{1b}[31mError:\u{1b}[0m toolauthd is not running"))
    }
}
