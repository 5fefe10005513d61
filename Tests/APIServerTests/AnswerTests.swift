import NIOCore
import SocketAPI
import Telemetry
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("Answers")
struct AnswerTests {
    static let codes: [(ToolAuthError.Code, Int, String)] = [
        (.invalidRequest, 400, "invalid-request"), (.invalidCallback, 400, "invalid-callback"),
        (.forbidden, 403, "forbidden"), (.unknownTool, 404, "unknown-tool"),
        (.unknownAuthorization, 404, "unknown-authorization"), (.notConnected, 404, "not-connected"),
        (.unknownKey, 404, "unknown-key"), (.keyInUse, 409, "key-in-use"), (.keysReadOnly, 409, "keys-read-only"),
        (.notFound, 404, "not-found"), (.methodNotAllowed, 405, "method-not-allowed"),
        (.reauthorizationRequired, 409, "reauthorization-required"),
        (.noAuthorizationNeeded, 409, "no-authorization-needed"),
        (.generationMismatch, 412, "generation-mismatch"), (.bodyTooLarge, 413, "too-large"),
        (.targetTooLarge, 414, "too-large"), (.headersTooLarge, 431, "too-large"),
        (.unsupportedMediaType, 415, "unsupported-media-type"), (.providerError, 422, "provider-error"),
        (.invalidConfiguration, 422, "invalid-configuration"), (.rateLimited, 429, "rate-limited"),
        (.refreshTooSoon, 429, "refresh-too-soon"), (.providerUnreachable, 502, "provider-unreachable"),
        (.toolPaused, 503, "tool-paused"), (.toolUnavailable, 503, "tool-unavailable"),
        (.storeUnavailable, 503, "store-unavailable"), (.held, 503, "held"),
        (.tooManyConnections, 503, "too-many-connections"), (.refreshPending, 504, "refresh-pending"),
    ]

    @Test("each error has its type, its status and a title of its own", arguments: codes)
    func problem(_ code: ToolAuthError.Code, _ status: Int, _ name: String) {
        let body = ProblemBody(ToolAuthError(code, "Why."))
        #expect(body.type == "urn:toolauthd:\(name)")
        #expect(body.status == status)
        #expect(body.detail == "Why.")
        #expect(body.title != ProblemBody(ToolAuthError(.internalError, "")).title)
    }

    @Test("a problem carries every fact of its error, over the wire too")
    func facts() async throws {
        var error = ToolAuthError(.reauthorizationRequired, "Connect it again.")
        error.field = "f"
        error.reason = "grant_rejected"
        error.since = Sample.time
        error.retryAfter = .milliseconds(1001)
        error.provider = AttemptFailure(code: "invalid_grant", detail: "Revoked.", providerStatus: 400)
        error.suggestions = ["github", "gitlab"]
        let service = FakeService()
        service.set { [error] in $0.failure = error }
        try await withServer(service) { server in
            let answer = try await server.ask(request("GET", "/v1/tools/github/users/alice/token"))
            #expect(answer.status == 409)
            #expect(answer.fields["retry-after"] == "2")
            #expect(
                try answer.decode(ProblemBody.self)
                    == ProblemBody(
                        type: "urn:toolauthd:reauthorization-required", title: "The user must connect the tool again",
                        status: 409, detail: "Connect it again.", field: "f", reason: "grant_rejected",
                        since: "2026-01-31T09:05:07.250Z", retryAfter: 2, error: "invalid_grant",
                        errorDescription: "Revoked.", providerStatus: 400, suggestions: ["github", "gitlab"]))
        }
    }

    @Test(
        "Retry-After is whole seconds, rounded up, at least 1",
        arguments: [
            (Duration.zero, 1), (.seconds(-5), 1), (.milliseconds(1), 1), (.seconds(1), 1), (.milliseconds(1001), 2),
            (.seconds(30), 30), (.seconds(Int64.max), Int64.max),
        ] as [(Duration, Int64)])
    func retryAfter(_ duration: Duration, _ seconds: Int64) {
        #expect(retryAfterSeconds(duration) == seconds)
    }

    @Test("a fault of ours is told to the journal, and to the client only that there is one")
    func internalError() async throws {
        let service = FakeService()
        service.set { $0.failure = ToolAuthError(.internalError, "row 7 is odd") }
        let log = Locked<[String]>([])
        try await withServer(service, report: { entry in log.withLock { $0.append(entry.message) } }) { server in
            let answer = try await server.ask(request("GET", "/v1/tools/github/users/alice/token?wait=7"))
            #expect(answer.status == 500)
            #expect(try answer.decode(ProblemBody.self).code == "internal-error")
            #expect(!answer.text.contains("row 7"))
        }
        let lines = log.withLock { $0 }.filter { $0.contains("row 7 is odd") }
        #expect(lines.count == 1)
        #expect(!lines.joined().contains("wait=7"))
    }

    @Test("what does not encode is an error, not a trap")
    func encoding() {
        struct Odd: Encodable {
            func encode(to encoder: any Encoder) throws { throw ToolAuthError(.notFound, "") }
        }
        #expect(throws: (any Error).self) { try JSONBytes.encode(Odd()) }
    }

    @Test("a token comes as JSON, its life rounded down, with the generation as its tag")
    func token() async throws {
        let service = FakeService()
        service.set {
            $0.token = IssuedToken(
                accessToken: Secret("t"), record: Sample.record, expiresIn: .milliseconds(3599_900),
                warning: TokenWarning(.refreshFailed, "No luck."))
        }
        try await withServer(service) { server in
            let answer = try await server.ask(request("GET", "/v1/tools/github/users/alice/token"))
            #expect(answer.fields["etag"] == "\"12\"")
            #expect(answer.fields["content-type"] == "application/json")
            #expect(
                answer.text == #"{"access_token":"t","expires_at":"2026-01-31T09:05:07.250Z","expires_in":3599,"#
                    + #""generation":12,"metadata":{"team":"a/b"},"scope":"repo user","token_type":"Bearer","#
                    + #""warning":{"detail":"No luck.","type":"urn:toolauthd:refresh-failed"}}"#)
        }
    }

    @Test("a token comes bare where plain text is asked for")
    func plainToken() async throws {
        try await withServer { server in
            let answer = try await server.ask(
                request("GET", "/v1/tools/github/users/alice/token", "Accept: text/plain"))
            #expect(answer.text == "gho_secret")
            #expect(answer.fields["content-type"] == "text/plain; charset=utf-8")
            #expect(answer.fields["etag"] == "\"12\"")
            #expect(answer.fields["cache-control"] == "no-store")
        }
    }

    @Test("a token and a record without an end say null")
    func endless() throws {
        var record = Sample.record
        record.expiresAt = nil
        let token = IssuedToken(accessToken: Secret("t"), record: record, expiresIn: nil, warning: nil)
        #expect(
            String(buffer: try JSONBytes.encode(TokenBody(token))).contains(#""expires_at":null,"expires_in":null"#))
        #expect(String(buffer: try JSONBytes.encode(RecordBody(record))).contains(#""expires_at":null"#))
    }

    @Test("a record shows all that is known of it")
    func record() {
        var record = Sample.record
        record.status = .needsReauthorization(.grantRejected)
        record.refreshTokenExpiresAt = Sample.time
        record.refreshAt = Sample.time
        record.lastRefreshedAt = Sample.time
        record.lastAttemptAt = Sample.time
        record.lastError = AttemptFailure(code: "timeout", detail: "Slow.", providerStatus: 504)
        record.consecutiveFailures = 3
        let time = "2026-01-31T09:05:07.250Z"
        #expect(
            RecordBody(record)
                == RecordBody(
                    toolID: "github", userID: "alice", status: "needs_reauthorization", reason: "grant_rejected",
                    tokenType: "Bearer", scope: "repo user", expiresAt: time, refreshTokenExpiresAt: time,
                    refreshAt: time, lastRefreshedAt: time, lastAttemptAt: time,
                    lastError: LastErrorBody(code: "timeout", detail: "Slow.", providerStatus: 504),
                    consecutiveFailures: 3, generation: 12, createdAt: time, updatedAt: time,
                    metadata: ["team": "a/b"]))
    }

    @Test(
        "the record's tag goes with every answer that shows it",
        arguments: [
            request("GET", "/v1/tools/github/users/alice"), request("POST", "/v1/tools/github/users/alice/refresh"),
            request("PUT", "/v1/tools/github/users/alice", json: #"{"access_token":"a"}"#),
            request("POST", "/v1/callback", json: #"{"state":"s"}"#),
        ])
    func tag(_ request: String) async throws {
        try await withServer { server in
            let answer = try await server.ask(request)
            #expect(answer.fields["etag"] == "\"12\"")
            #expect(try answer.decode(RecordBody.self) == RecordBody(Sample.record))
        }
    }

    @Test("an import that replaces is 200")
    func replaced() async throws {
        let service = FakeService()
        service.set { $0.created = false }
        try await withServer(service) { server in
            let answer = try await server.ask(
                request("PUT", "/v1/tools/github/users/alice", json: #"{"access_token":"a"}"#))
            #expect(answer.status == 200)
        }
    }

    @Test("a callback says where the browser goes next, if anywhere")
    func redirect() async throws {
        let service = FakeService()
        service.set { $0.redirectTo = "https://app.example.org/done?result=connected" }
        try await withServer(service) { server in
            let answer = try await server.ask(request("POST", "/v1/callback", json: #"{"state":"s"}"#))
            let body = try answer.decode(CallbackResponseBody.self)
            #expect(body.redirectTo == "https://app.example.org/done?result=connected")
        }
    }

    @Test("authorize answers with the flow, and the flow says how it stands")
    func flow() async throws {
        try await withServer { server in
            let begun = try await server.ask(request("POST", "/v1/tools/github/users/alice/authorize"))
            #expect(
                begun.text == #"{"auth_url":"https://example.org/authorize?state=state-1","authorization_id":"flow-1","#
                    + #""expires_at":"2026-01-31T09:05:07.250Z","state":"state-1"}"#)
            let flow = try await server.ask(request("GET", "/v1/authorizations/flow-1"))
            #expect(
                try flow.decode(AuthorizationBody.self)
                    == AuthorizationBody(
                        authorizationID: "flow-1", toolID: "github", userID: "alice", status: "denied", error: "no",
                        expiresAt: "2026-01-31T09:05:07.250Z"))
        }
    }

    @Test("the cursor of a page leads to the next one")
    func pages() async throws {
        let service = FakeService()
        service.set { $0.hasMore = true }
        try await withServer(service) { server in
            let page = try await server.ask(request("GET", "/v1/auths?limit=1")).decode(AuthsBody.self)
            #expect(page.auths == [RecordBody(Sample.record)])
            let cursor = try #require(page.nextCursor)
            service.set { $0.hasMore = false }
            let last = try await server.ask(request("GET", "/v1/auths?limit=1&cursor=\(cursor)")).decode(AuthsBody.self)
            #expect(last.nextCursor == nil)
        }
        #expect(service.calls == ["auths - - - 1 -", "auths - - - 1 github/alice"])
    }

    @Test("status and tools are told whole")
    func status() async throws {
        try await withServer { server in
            let client = try server.connect()
            let status = try await client.ask(request("GET", "/v1/status"))
            #expect(
                try status.decode(StatusBody.self)
                    == StatusBody(
                        version: "1.0", startedAt: "2026-01-31T09:05:07.250Z", uptimeSeconds: 61,
                        tools: [
                            ToolStatusBody(
                                toolID: "github", status: "paused", reason: "by hand",
                                records: ["healthy": 1, "degraded": 2, "needs_reauthorization": 3])
                        ],
                        nextDueAt: nil, lagSeconds: 1.5,
                        endpoints: [
                            EndpointStatusBody(
                                endpoint: "app@https://example.org/token", open: true,
                                heldUntil: "2026-01-31T09:05:07.250Z", broken: true, inflight: 4, queued: 7)
                        ],
                        held: nil, heldResults: 2, storeProblem: "The disk is full.", warnings: ["a warning"]))
            let tools = try await client.ask(request("GET", "/v1/tools?user_id=alice")).decode(ToolsBody.self)
            #expect(
                tools.tools == [
                    ToolBody(
                        toolID: "github", title: "GitHub", provider: "github", status: "available", reason: nil,
                        isAuthRequired: true)
                ])
        }
    }

    @Test("the end of a hold is answered with the status")
    func resumed() async throws {
        try await withServer { server in
            let client = try server.connect()
            let status = try await client.ask(request("GET", "/v1/status"))
            let resumed = try await client.ask(request("POST", "/v1/resume"))
            #expect(resumed.body == status.body)
        }
    }

    @Test("a status without a problem of the store says null")
    func storeWorks() throws {
        let status = ServiceStatus(
            version: "1", startedAt: Sample.time, uptime: .zero, tools: [], nextDueAt: nil, lag: .zero, endpoints: [],
            held: nil, warnings: [])
        let text = String(buffer: try JSONBytes.encode(StatusBody(status)))
        #expect(text.contains(#""held":null,"held_results":0,"#))
        #expect(text.contains(#""store_problem":null"#))
    }

    @Test("a tool that was paused or resumed is told as in the list")
    func pausedTool() async throws {
        try await withServer { server in
            let client = try server.connect()
            let paused = try await client.ask(request("POST", "/v1/tools/github/pause"))
            #expect(
                paused.text == #"{"provider":"github","reason":"An administrator paused it.","status":"paused","#
                    + #""title":"GitHub","tool_id":"github"}"#)
            let resumed = try await client.ask(request("POST", "/v1/tools/github/resume")).decode(ToolBody.self)
            #expect(resumed.status == "available")
        }
    }

    @Test(
        "health is 200 while requests are served, and 503 when the store cannot be read",
        arguments: [
            (ServiceHealth.ok, 200, "ok", nil), (.degraded("disk full"), 200, "degraded", "disk full"),
            (.failed("no store"), 503, "failed", "no store"),
        ] as [(ServiceHealth, Int, String, String?)])
    func health(_ health: ServiceHealth, _ status: Int, _ name: String, _ detail: String?) async throws {
        let service = FakeService()
        service.set { $0.health = health }
        try await withServer(service) { server in
            let answer = try await server.ask(request("GET", "/healthz"))
            #expect(answer.status == status)
            #expect(try answer.decode(HealthBody.self) == HealthBody(status: name, detail: detail))
        }
    }
}
