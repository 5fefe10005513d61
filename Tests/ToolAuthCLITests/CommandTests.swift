import Glibc
import ScriptedSocket
import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Commands")
struct CommandTests {
    /// Runs the program against a daemon that answers so.
    private func run(
        _ arguments: [String], isTerminal: Bool = false, input: String = "", environment: [String: String] = [:],
        answering answer: @escaping @Sendable (ScriptedServer.Request) -> String
    ) async throws -> (status: Int32, world: TestWorld, calls: [ScriptedServer.Request]) {
        let server = try ScriptedServer(answering: answer)
        defer { server.stop() }
        let world = TestWorld(socket: server.path, isTerminal: isTerminal, input: input, environment: environment)
        let status = await Program.run(arguments, in: world.context)
        return (status, world, server.requests)
    }

    static let token = """
        {"access_token":"t0k3n","token_type":"bearer","expires_at":null,"expires_in":null,"scope":"","generation":7,\
        "metadata":{}}
        """

    @Test("token prints the token and a newline, and nothing else")
    func token() async throws {
        let (status, world, calls) = try await run(["token", "gmail", "bob"]) { _ in reply(200, Self.token) }
        #expect(status == 0)
        #expect(world.output == "t0k3n\n")
        #expect(world.errors == "")
        #expect(calls.map(\.call) == ["GET /v1/tools/gmail/users/bob/token"])
    }

    @Test("token --header prints a header line")
    func tokenHeader() async throws {
        let (_, world, _) = try await run(["token", "gmail", "--header"]) { _ in reply(200, Self.token) }
        #expect(world.output == "Authorization: Bearer t0k3n\n")
    }

    @Test("token passes on how long it must last, and how long to wait")
    func tokenParameters() async throws {
        let (_, _, calls) = try await run(["token", "gmail", "--min-validity", "5m", "--wait", "0"]) { _ in
            reply(200, Self.token)
        }
        #expect(calls.map(\.call) == ["GET /v1/tools/gmail/users/alice/token?min_validity=300&wait=0"])
    }

    @Test("token tells a warning on standard error")
    func tokenWarning() async throws {
        let json = Self.token.dropLast() + #","warning":{"type":"urn:toolauthd:held","detail":"held \u001b[2J"}}"#
        let (status, world, _) = try await run(["token", "gmail"]) { _ in reply(200, String(json)) }
        #expect(status == 0)
        #expect(world.output == "t0k3n\n")
        #expect(world.errors == "Warning: held \\x1b[2J\n")
    }

    @Test(
        "a token that would add a header or move the cursor is not printed",
        arguments: [
            ["token", "gmail"], ["token", "gmail", "--header"],
        ])
    func hostileToken(_ arguments: [String]) async throws {
        let json = Self.token.split(separator: "t0k3n").joined(separator: #"a\r\nX: y\u001b[2J"#)
        let (status, world, _) = try await run(arguments) { _ in reply(200, json) }
        #expect(status == 69)
        #expect(world.output == "")
        #expect(!world.errors.contains("X: y"))
    }

    @Test(
        "the user is the one named, else TOOLAUTH_USER, else who logged in",
        arguments: [
            (["token", "gmail", "bob/x"], ["TOOLAUTH_USER": "alice"], "bob%2Fx"),
            (["token", "gmail"], ["TOOLAUTH_USER": "bob"], "bob"),
            (["token", "gmail"], ["TOOLAUTH_USER": ""], "alice"),
            (["token", "gmail"], [:], "alice"),
        ])
    func user(_ arguments: [String], _ environment: [String: String], _ segment: String) async throws {
        let (_, _, calls) = try await run(arguments, environment: environment) { _ in reply(200, Self.token) }
        #expect(calls.map(\.call) == ["GET /v1/tools/gmail/users/\(segment)/token"])
    }

    @Test(
        "without a user of any kind, or with an impossible one, nothing is asked",
        arguments: [
            (["token", "gmail"], "Error: whose? Name the user, or set TOOLAUTH_USER\n"),
            (
                ["token", "gmail", ".."],
                "Error: .. is no user id: it is 1 to 255 bytes without control characters, not . or ..\n"
            ),
            (
                ["token", "gmail", "a\u{1b}"],
                "Error: a\\x1b is no user id: it is 1 to 255 bytes without control characters, not . or ..\n"
            ),
        ])
    func noUser(_ arguments: [String], _ message: String) async {
        let world = TestWorld(loginName: nil)
        #expect(await Program.run(arguments, in: world.context) == 64)
        #expect(world.errors == message)
    }

    @Test(
        "--json prints the daemon's bytes elsewhere, and lays them out on a terminal",
        arguments: [
            (
                false,
                #"{"version":"1","started_at":"s","uptime_seconds":5,"tools":[],"lag_seconds":0,"endpoints":[],"warnings":[],"new":1.50}"#
                    + "\n"
            ),
            (
                true,
                """
                {
                  "version": "1",
                  "started_at": "s",
                  "uptime_seconds": 5,
                  "tools": [],
                  "lag_seconds": 0,
                  "endpoints": [],
                  "warnings": [],
                  "new": 1.50
                }

                """
            ),
        ])
    func json(_ isTerminal: Bool, _ expected: String) async throws {
        let (status, world, _) = try await run(["status", "--json"], isTerminal: isTerminal) { _ in
            reply(
                200,
                #"{"version":"1","started_at":"s","uptime_seconds":5,"tools":[],"lag_seconds":0,"endpoints":[],"warnings":[],"new":1.50}"#
            )
        }
        #expect(status == 0)
        #expect(world.output == expected)
    }

    @Test("status shows what is due, tools, endpoints and warnings")
    func status() async throws {
        let json = """
            {"version":"0.1.0","started_at":"s","uptime_seconds":7200,"next_due_at":"\(time(42))","lag_seconds":0,"held":null,\
            "tools":[{"tool_id":"gmail","status":"paused","reason":"why","records":{"healthy":12,"needs_reauthorization":1}}],\
            "endpoints":[{"endpoint":"c@https://t","open":false,"held_until":"\(time(180))","inflight":2}],"warnings":["w\\u001b"]}
            """
        let (_, world, _) = try await run(["status"]) { _ in reply(200, json) }
        #expect(
            world.output == """
                toolauthd 0.1.0, up 2 h
                Next refresh in 42 s

                TOOL   STATUS  HEALTHY  DEGRADED  NEED USER  NOTE
                gmail  paused       12         0          1  why

                TOKEN ENDPOINT  STATE                               IN FLIGHT
                c@https://t     told to wait, tries again in 3 min          2

                warning: w\\x1b

                """)
    }

    @Test(
        "status says when refreshing is held, behind, or has nothing to do",
        arguments: [
            (#""held":"the disk is full","lag_seconds":90"#, "Refreshing is held: the disk is full"),
            (#""held":null,"lag_seconds":90"#, "Refreshing is 1 min behind"),
            (#""held":null,"lag_seconds":1e300"#, "Refreshing is 11574 d behind"),
            (#""held":null,"lag_seconds":0,"next_due_at":null"#, "Nothing is due to be refreshed"),
        ])
    func statusHeading(_ members: String, _ line: String) async throws {
        let json =
            #"{"version":"1","started_at":"s","uptime_seconds":1,"tools":[],"endpoints":[],"warnings":[],\#(members)}"#
        let (_, world, _) = try await run(["status"]) { _ in reply(200, json) }
        #expect(world.output == "toolauthd 1, up 1 s\n\(line)\n")
    }

    static let tools = """
        {"tools":[{"tool_id":"gmail","title":"Gmail","provider":"google","status":"available","is_auth_required":false},\
        {"tool_id":"slack","title":"Slack","provider":"slack","status":"paused","reason":"why","is_auth_required":true}]}
        """

    @Test("tools with a user shows what he must connect")
    func tools() async throws {
        let (_, world, calls) = try await run(["tools", "bob"]) { _ in reply(200, Self.tools) }
        #expect(calls.map(\.call) == ["GET /v1/tools?user_id=bob"])
        #expect(
            world.output == """
                TOOL   TITLE  PROVIDER  STATUS     bob           NOTE
                gmail  Gmail  google    available  ready
                slack  Slack  slack     paused     must connect  why

                """)
    }

    @Test("tools without a user asks for nobody")
    func toolsForNobody() async throws {
        let (status, world, calls) = try await run(["tools"]) { _ in reply(200, #"{"tools":[]}"#) }
        #expect(status == 0)
        #expect(calls.map(\.call) == ["GET /v1/tools"])
        #expect(world.output == "")
        #expect(world.errors.hasPrefix("No tools are configured"))
    }

    @Test("tools show shows one, with its grants where they may be seen", arguments: [true, false])
    func toolsShow(_ mayStatus: Bool) async throws {
        let (status, world, _) = try await run(["tools", "show", "slack", "bob"]) { request in
            if request.call != "GET /v1/status" { return reply(200, Self.tools) }
            if !mayStatus { return problem(403, "forbidden") }
            return reply(
                200,
                #"{"version":"1","started_at":"s","uptime_seconds":1,"lag_seconds":0,"endpoints":[],"warnings":[],"tools":[{"tool_id":"slack","status":"paused","records":{"healthy":2}}]}"#
            )
        }
        #expect(status == 0)
        #expect(
            world.output == """
                tool      slack
                title     Slack
                provider  slack
                status    paused
                reason    why
                bob       must connect

                """ + (mayStatus ? "grants    2 healthy, 0 degraded, 0 needs_reauthorization\n" : ""))
    }

    @Test("tools show --json prints that tool alone, as it came")
    func toolsShowJSON() async throws {
        let (_, world, _) = try await run(["tools", "show", "gmail", "--json"]) { _ in reply(200, Self.tools) }
        #expect(
            world.output
                == #"{"tool_id":"gmail","title":"Gmail","provider":"google","status":"available","is_auth_required":false}"#
                + "\n")
    }

    @Test("tools show names what may have been meant")
    func toolsShowUnknown() async throws {
        let (status, world, _) = try await run(["tools", "show", "gmial"]) { _ in reply(200, Self.tools) }
        #expect(status == 66)
        #expect(world.errors == "Error: there is no tool gmial: did you mean gmail?\n")
    }

    @Test("auths shows all pages in one table")
    func auths() async throws {
        let (_, world, calls) = try await run(["auths", "--status", "degraded", "--tool", "gmail", "--user", "a b"]) {
            request in
            if !request.call.contains("cursor") { return reply(200, #"{"auths":[\#(record())],"next_cursor":"n"}"#) }
            let more = #","last_error":{"code":"timeout","detail":"no reply","provider_status":504},"reason":null"#
            return reply(200, #"{"auths":[\#(record("slack", "x\\u001b[2J", "degraded", more))]}"#)
        }
        let query = "tool_id=gmail&user_id=a%20b&status=degraded&limit=1000"
        #expect(calls.map(\.call) == ["GET /v1/auths?\(query)", "GET /v1/auths?\(query)&cursor=n"])
        #expect(
            world.output == """
                TOOL   USER      STATUS      EXPIRES  REFRESHES  NOTE
                gmail  alice     healthy   in 59 min  in 45 min
                slack  x\\x1b[2J  degraded  in 59 min  in 45 min  timeout (status 504): no reply

                """)
    }

    @Test("auths --json is one list of all pages", arguments: [false, true])
    func authsJSON(_ isTerminal: Bool) async throws {
        let (_, world, _) = try await run(["auths", "--json"], isTerminal: isTerminal) { request in
            switch request.call {
            case "GET /v1/auths?limit=1000": reply(200, #"{"auths":[],"next_cursor":"a"}"#)
            case "GET /v1/auths?limit=1000&cursor=a":
                reply(200, #"{"auths":[\#(record()),\#(record())],"next_cursor":"b"}"#)
            default: reply(200, #"{"auths":[\#(record("slack"))]}"#)
            }
        }
        let expected = #"{"auths":[\#(record()),\#(record()),\#(record("slack"))]}"#
        #expect(world.output == (isTerminal ? JSONText.pretty(expected.utf8) : expected) + "\n")
    }

    @Test("auths of nothing says so, and is an empty list in JSON")
    func noAuths() async throws {
        let (_, words, _) = try await run(["auths"]) { _ in reply(200, #"{"auths":[]}"#) }
        #expect(words.output == "")
        #expect(words.errors == "No grants.\n")
        let (_, json, _) = try await run(["auths", "--json"]) { _ in reply(200, #"{"auths":[]}"#) }
        #expect(json.output == #"{"auths":[]}"# + "\n")
        let (_, laidOut, _) = try await run(["auths", "--json"], isTerminal: true) { _ in reply(200, #"{"auths":[]}"#) }
        #expect(laidOut.output == "{\n  \"auths\": []\n}\n")
    }

    @Test("auths show tells all that is known of a grant")
    func authsShow() async throws {
        let more = #","reason":"grant_rejected","last_error":{"code":"invalid_grant","detail":"revoked"}"#
        let (_, world, calls) = try await run(["auths", "show", "gmail"]) { _ in
            reply(200, record("gmail", "alice", "needs_reauthorization", more))
        }
        #expect(calls.map(\.call) == ["GET /v1/tools/gmail/users/alice"])
        #expect(
            world.output == """
                tool          gmail
                user          alice
                status        needs_reauthorization
                reason        the provider refused the refresh token (grant_rejected)
                scope         a b
                token type    Bearer
                expires       in 59 min  (\(time(3599)))
                refreshes     in 45 min  (\(time(2700)))
                last error    invalid_grant: revoked
                generation    7
                connected     3 d ago  (\(time(-86400 * 3)))
                instance_url  https://i

                """)
    }

    @Test("refresh sends the generation that was refused")
    func refresh() async throws {
        let (_, world, calls) = try await run(["refresh", "gmail", "--if-generation", "7"]) { _ in reply(200, record())
        }
        #expect(calls.map(\.call) == ["POST /v1/tools/gmail/users/alice/refresh"])
        #expect(calls.first?.head.contains("If-Match: \"7\"") == true)
        #expect(world.output == "gmail of alice is healthy, its token is valid for 59 min (generation 7)\n")
    }

    @Test("delete without a terminal wants --yes")
    func deleteUnasked() async throws {
        let (status, world, calls) = try await run(["delete", "gmail"]) { _ in "HTTP/1.1 204 X\r\n\r\n" }
        #expect(status == 64)
        #expect(calls.isEmpty)
        #expect(world.errors.contains("--yes"))
    }

    @Test(
        "delete on a terminal does it only after a yes",
        arguments: [
            ("y\n", true), ("YES\n", true), ("n\n", false), ("\n", false), ("", false), ("yess\n", false),
        ])
    func deleteAsked(_ input: String, _ done: Bool) async throws {
        let (status, world, calls) = try await run(["delete", "gmail"], isTerminal: true, input: input) { _ in
            "HTTP/1.1 204 X\r\n\r\n"
        }
        #expect(status == 0)
        #expect(calls.map(\.call) == (done ? ["DELETE /v1/tools/gmail/users/alice"] : []))
        #expect(world.errors.hasPrefix("Forget the grant of alice at gmail and revoke it at the provider? [y/N] "))
        #expect(world.errors.contains("Nothing was deleted.") == !done)
    }

    @Test("delete --keep-grant leaves the provider alone")
    func deleteKeeping() async throws {
        let (_, world, calls) = try await run(["delete", "gmail", "--keep-grant", "--yes"]) { _ in
            "HTTP/1.1 204 X\r\n\r\n"
        }
        #expect(calls.map(\.call) == ["DELETE /v1/tools/gmail/users/alice?revoke=false"])
        #expect(world.output == "The grant of alice at gmail is gone.\n")
    }
}
