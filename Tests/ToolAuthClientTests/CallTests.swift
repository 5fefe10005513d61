import Glibc
import ScriptedSocket
import SocketAPI
import Testing
import ToolAuthCore

@testable import ToolAuthClient

@Suite("Calls")
struct CallTests {
    let gmail: ToolID
    let alice: UserID

    init() throws {
        gmail = try #require(ToolID("gmail"))
        alice = try #require(UserID("al/ice@x"))
    }

    static let record = """
        {"tool_id":"gmail","user_id":"alice","status":"healthy","token_type":"Bearer","scope":"a b","expires_at":null,\
        "consecutive_failures":0,"generation":7,"created_at":"2026-01-01T00:00:00.000Z",\
        "updated_at":"2026-01-01T00:00:00.000Z","metadata":{},"from_the_future":1}
        """

    /// Makes one call, and gives back what the daemon was sent.
    private func sent<Value>(
        _ answer: String, _ call: (ToolAuthClient) async throws -> Value
    ) async throws -> (Value, ScriptedServer.Request) {
        let server = try ScriptedServer { _ in answer }
        defer { server.stop() }
        let value = try await call(ToolAuthClient(socketPath: server.path))
        return (value, try #require(server.requests.first))
    }

    private let path = "/v1/tools/gmail/users/al%2Fice%40x"

    @Test("authorize posts the options and reads the flow")
    func authorize() async throws {
        let json = #"{"authorization_id":"1","auth_url":"https://x/?a","state":"s","expires_at":"e"}"#
        let (flow, request) = try await sent(reply(201, json)) {
            try await $0.authorize(toolID: gmail, userID: alice, .init(scopes: ["a"], loginHint: "h"))
        }
        #expect(request.call == "POST \(path)/authorize")
        #expect(request.body == #"{"login_hint":"h","scopes":["a"]}"#)
        #expect(flow.authorizationID == "1")
        #expect(flow.authURL == "https://x/?a")
    }

    @Test("authorize without options posts an empty object")
    func authorizeWithoutOptions() async throws {
        let json = #"{"authorization_id":"1","auth_url":"u","state":"s","expires_at":"e"}"#
        let (_, request) = try await sent(reply(201, json)) { try await $0.authorize(toolID: gmail, userID: alice) }
        #expect(request.body == "{}")
        #expect(request.head.contains("Content-Type: application/json"))
    }

    @Test("a flow is asked for and cancelled by its id")
    func authorization() async throws {
        let json =
            #"{"authorization_id":"i/d","tool_id":"gmail","user_id":"alice","status":"denied","error":"no","expires_at":"e"}"#
        let (flow, request) = try await sent(reply(200, json)) { try await $0.authorization("i/d") }
        #expect(request.call == "GET /v1/authorizations/i%2Fd")
        #expect(flow.status == "denied")
        let (_, cancel) = try await sent("HTTP/1.1 204 X\r\n\r\n") { try await $0.cancelAuthorization("i/d") }
        #expect(cancel.call == "DELETE /v1/authorizations/i%2Fd")
    }

    @Test("callback posts the URL with the expected ids, and reads record and redirect")
    func callback() async throws {
        let json = CallTests.record.dropLast() + #","redirect_to":"https://app/done"}"#
        let (done, request) = try await sent(reply(200, String(json))) {
            try await $0.callback(url: "https://app/cb?code=c", expectedToolID: gmail, expectedUserID: alice)
        }
        #expect(request.call == "POST /v1/callback")
        #expect(
            request.body == #"{"expected_tool_id":"gmail","expected_user_id":"al/ice@x","url":"https://app/cb?code=c"}"#
        )
        #expect(done.redirectTo == "https://app/done")
        #expect(done.record.generation == 7)
    }

    @Test("token asks with its parameters and reads token and warning")
    func token() async throws {
        let json = """
            {"access_token":"t","token_type":"Bearer","expires_at":null,"expires_in":null,"scope":"","generation":7,\
            "metadata":{},"warning":{"type":"urn:toolauthd:held","detail":"d"}}
            """
        let (token, request) = try await sent(reply(200, json)) {
            try await $0.token(toolID: gmail, userID: alice, minValidity: .milliseconds(1500), wait: .zero)
        }
        #expect(request.call == "GET \(path)/token?min_validity=2&wait=0")
        #expect(token.accessToken == "t")
        #expect(token.expiresIn == nil)
        #expect(token.warning == WarningBody(type: "urn:toolauthd:held", detail: "d"))
        let (_, plain) = try await sent(reply(200, json)) { try await $0.token(toolID: gmail, userID: alice) }
        #expect(plain.call == "GET \(path)/token")
    }

    @Test("refresh sends If-Match only with a generation")
    func refresh() async throws {
        let (record, request) = try await sent(reply(200, Self.record)) {
            try await $0.refresh(toolID: gmail, userID: alice, ifMatch: 7)
        }
        #expect(request.call == "POST \(path)/refresh")
        #expect(request.head.contains("\r\nIf-Match: \"7\""))
        #expect(record.toolID == "gmail")
        let (_, plain) = try await sent(reply(200, Self.record)) { try await $0.refresh(toolID: gmail, userID: alice) }
        #expect(!plain.head.contains("If-Match"))
    }

    @Test("record reads the record, unknown members and all")
    func record() async throws {
        let (record, request) = try await sent(reply(200, Self.record)) {
            try await $0.record(toolID: gmail, userID: alice)
        }
        #expect(request.call == "GET \(path)")
        #expect(record.scope == "a b")
        #expect(record.expiresAt == nil)
    }

    @Test(
        "import puts the tokens, with its condition, and tells created from replaced",
        arguments: [
            (RecordCondition.none, nil, 200, false), (.absent, "If-None-Match: *", 201, true),
            (.generation(9), "If-Match: \"9\"", 200, false),
        ] as [(RecordCondition, String?, Int, Bool)])
    func importTokens(_ condition: RecordCondition, _ field: String?, _ status: Int, _ created: Bool) async throws {
        let (imported, request) = try await sent(reply(status, Self.record)) {
            try await $0.importTokens(.init(refreshToken: "r"), toolID: gmail, userID: alice, condition)
        }
        #expect(request.call == "PUT \(path)")
        #expect(request.body == #"{"refresh_token":"r"}"#)
        #expect(
            request.head.split(separator: "\r\n").filter { $0.hasPrefix("If-") }.map(String.init)
                == [field].compactMap(\.self))
        #expect(imported.created == created)
    }

    @Test(
        "delete says revoke=false only where the grant is to live", arguments: [(true, ""), (false, "?revoke=false")])
    func delete(_ revoke: Bool, _ query: String) async throws {
        let (_, request) = try await sent("HTTP/1.1 204 X\r\n\r\n") {
            try await $0.delete(toolID: gmail, userID: alice, revoke: revoke)
        }
        #expect(request.call == "DELETE \(path)\(query)")
    }

    @Test("tools are asked for nobody or for a user")
    func tools() async throws {
        let json = #"{"tools":[{"tool_id":"gmail","title":"G","provider":"google","status":"available"}]}"#
        let (tools, request) = try await sent(reply(200, json)) { try await $0.tools() }
        #expect(request.call == "GET /v1/tools")
        #expect(tools.map(\.toolID) == ["gmail"])
        let (_, of) = try await sent(reply(200, json)) { try await $0.tools(userID: alice) }
        #expect(of.call == "GET /v1/tools?user_id=al%2Fice%40x")
    }

    @Test("auths sends every filter there is")
    func auths() async throws {
        let (page, request) = try await sent(reply(200, #"{"auths":[\#(Self.record)],"next_cursor":"n"}"#)) {
            try await $0.auths(toolID: gmail, userID: alice, status: "healthy", limit: 5, cursor: "c/1")
        }
        #expect(request.call == "GET /v1/auths?tool_id=gmail&user_id=al%2Fice%40x&status=healthy&limit=5&cursor=c%2F1")
        #expect(page.nextCursor == "n")
    }

    @Test("all auths are read page by page, empty pages too, on one connection")
    func allAuths() async throws {
        let server = try ScriptedServer { request in
            switch request.call {
            case "GET /v1/auths?limit=1000":
                reply(200, #"{"auths":[\#(Self.record),\#(Self.record)],"next_cursor":"a"}"#)
            case "GET /v1/auths?limit=1000&cursor=a": reply(200, #"{"auths":[],"next_cursor":"b"}"#)
            default: reply(200, #"{"auths":[\#(Self.record)]}"#)
            }
        }
        defer { server.stop() }
        var count = 0
        for try await record in ToolAuthClient(socketPath: server.path).allAuths() {
            #expect(record.toolID == "gmail")
            count += 1
        }
        #expect(count == 3)
        #expect(server.requests.map(\.call).last == "GET /v1/auths?limit=1000&cursor=b")
        #expect(server.connections == 1)
    }

    @Test("a list whose page names itself as the next is refused instead of read forever")
    func endlessList() async throws {
        let server = try ScriptedServer { _ in reply(200, #"{"auths":[],"next_cursor":"a"}"#) }
        defer { server.stop() }
        await #expect(
            throws: ToolAuthClientError.protocolViolation(
                "the daemon's list does not end: a page names itself as the next")
        ) {
            for try await _ in ToolAuthClient(socketPath: server.path).allAuths() {}
        }
        #expect(server.requests.count == 2)
    }

    @Test("status is read")
    func status() async throws {
        let json = """
            {"version":"1","started_at":"s","uptime_seconds":5,"tools":[],"next_due_at":null,"lag_seconds":0.5,\
            "endpoints":[],"held":null,"warnings":["w"]}
            """
        let (status, request) = try await sent(reply(200, json)) { try await $0.status() }
        #expect(request.call == "GET /v1/status")
        #expect(status.warnings == ["w"])
    }

    @Test("health is an answer at 200 and at 503", arguments: [(200, "degraded"), (503, "failed")])
    func health(_ status: Int, _ word: String) async throws {
        let (health, request) = try await sent(reply(status, #"{"status":"\#(word)"}"#)) { try await $0.health() }
        #expect(request.call == "GET /healthz")
        #expect(health.status == word)
    }

    @Test("a refusal at the health check is thrown like others")
    func healthRefused() async throws {
        await #expect(throws: ToolAuthClientError.self) {
            try await sent(problem(503, "held")) { try await $0.health() }
        }
    }

    @Test("a problem document is thrown with all its members")
    func problemDocument() async throws {
        let more = #","reason":"grant_rejected","since":"2026-01-01T00:00:00.000Z","retry_after":5,"suggestions":["a"]"#
        let server = try ScriptedServer { _ in problem(409, "reauthorization-required", "d", more) }
        defer { server.stop() }
        do {
            _ = try await ToolAuthClient(socketPath: server.path).token(toolID: gmail, userID: alice)
            Issue.record("a problem is no token")
        } catch .problem(let problem) {
            #expect(problem.code == "reauthorization-required")
            #expect(problem.reason == "grant_rejected")
            #expect(problem.retryAfter == 5)
            #expect(problem.suggestions == ["a"])
        }
    }

    @Test(
        "what is no answer of this API is a protocol violation",
        arguments: [
            reply(200, "not json at all"), reply(200, "[]"), reply(500, "oops", type: "text/plain"),
            reply(302, "", type: "text/html"), reply(404, "{}", type: "application/problem+json"),
            "HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n", "SSH-2.0-x\r\n",
        ])
    func violation(_ answer: String) async throws {
        do {
            _ = try await sent(answer) { try await $0.tools() }
            Issue.record("that is no list of tools")
        } catch let error as ToolAuthClientError {
            guard case .protocolViolation = error else { throw error }
        }
    }

    @Test("what is said of an answer that cannot be read does not quote it")
    func violationKeepsSecrets() async throws {
        do {
            _ = try await sent(reply(200, #"{"access_token":"CANARY","token_type":"CANARY","expires_in":"CANARY"}"#)) {
                try await $0.token(toolID: gmail, userID: alice)
            }
            Issue.record("that is no token")
        } catch {
            #expect(!"\(error) \(String(reflecting: error))".contains("CANARY"))
        }
    }
}
