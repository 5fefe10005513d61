import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("Each route over a socket")
struct RouteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let request: String
        let status: Int
        let calls: [String]
        /// Whether a rule is asked.
        var isRuled: Bool { !calls.isEmpty }
        var testDescription: String { String(request.prefix { $0 != "\r\n" }) }

        init(_ request: String, _ status: Int, _ calls: String...) {
            self.request = request
            self.status = status
            self.calls = calls
        }
    }

    private static let grant = "/v1/tools/github/users/alice"

    static let cases = [
        Case(request("POST", "\(grant)/authorize"), 201, "authorize github/alice [] - []"),
        Case(
            request(
                "POST", "\(grant)/authorize",
                json: #"{"scopes":["repo"],"redirect_uri":"http://a/b","extra_params":{"x":"1"}}"#),
            201, #"authorize github/alice ["repo"] http://a/b ["x=1"]"#),
        Case(request("GET", "/v1/authorizations/flow-1"), 200, "authorization flow-1"),
        Case(request("DELETE", "/v1/authorizations/flow-1"), 204, "cancel flow-1"),
        Case(
            request("POST", "/v1/callback", json: #"{"url":"http://localhost/cb?code=c%201&state=s"}"#), 200,
            "callback s c 1 -/-"),
        Case(
            request(
                "POST", "/v1/callback",
                json: #"{"code":"c","state":"s","expected_user_id":"alice","expected_tool_id":"github"}"#),
            200, "callback s c github/alice"),
        Case(request("GET", "\(grant)/token"), 200, "token github/alice 60 10"),
        Case(request("GET", "\(grant)/token?min_validity=0&wait=60"), 200, "token github/alice 0 60"),
        Case(request("POST", "\(grant)/refresh"), 200, "refresh github/alice -"),
        Case(request("POST", "\(grant)/refresh", "If-Match: \"12\""), 200, "refresh github/alice 12"),
        Case(request("GET", grant), 200, "read github/alice"),
        Case(
            request("PUT", grant, json: #"{"access_token":"a"}"#, "If-None-Match: *"), 201,
            "import github/alice a Bearer absent"),
        Case(
            request("PUT", grant, json: #"{"refresh_token":"r","token_type":"mac"}"#, "If-Match: \"3\""), 201,
            "import github/alice - mac generation(3)"),
        Case(request("DELETE", grant), 204, "delete github/alice none true"),
        Case(
            request("DELETE", "\(grant)?revoke=false", "If-Match: \"12\""), 204,
            "delete github/alice generation(12) false"),
        Case(request("GET", "/v1/tools"), 200, "tools -"),
        Case(request("GET", "/v1/tools?user_id=bob%2Fwork"), 200, "tools bob/work"),
        Case(request("GET", "/v1/providers"), 200, "providers"),
        Case(request("GET", "/v1/providers/google"), 200, "providers"),
        Case(request("GET", "/v1/auths"), 200, "auths - - - 100 -"),
        Case(
            request("GET", "/v1/auths?tool_id=github&user_id=bob&status=degraded&limit=1000"), 200,
            "auths github bob degraded 1000 -"),
        Case(request("POST", "/v1/tools/github/pause"), 200, "pause github"),
        Case(request("POST", "/v1/tools/github/resume"), 200, "resume github false"),
        Case(request("POST", "/v1/tools/github/resume", json: "{}"), 200, "resume github false"),
        Case(
            request("POST", "/v1/tools/github/resume", json: #"{"accept_endpoint":null}"#), 200, "resume github false"),
        Case(request("POST", "/v1/tools/github/resume", json: #"{"accept_endpoint":true}"#), 200, "resume github true"),
        Case(request("POST", "/v1/tools/github/test"), 200, "test github"),
        Case(request("GET", "/v1/status"), 200, "status"),
        Case(request("POST", "/v1/resume"), 200, "resume"),
        Case(request("GET", "/v1/backup"), 200, "backup"),
        Case(request("GET", "/v1/keys"), 200, "keys"),
        Case(request("POST", "/v1/keys"), 201, "add key"),
        Case(request("DELETE", "/v1/keys/k%2F1"), 200, "retire k/1"),
        Case(request("GET", "/v1/key-rotation"), 200, "rotation"),
        Case(request("POST", "/v1/key-rotation"), 200, "rotate keys"),
        Case(request("GET", "/metrics"), 200, "metrics"),
        Case(request("GET", "/healthz"), 200),
        Case(request("GET", "/v1/openapi.json"), 200),
        Case("GET http://localhost\(grant) HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, "read github/alice"),
        Case(request("GET", "/v1/tools/github/users/a%2Fb%20%C3%A9"), 200, "read github/a/b \u{e9}"),
    ]

    @Test("calls the service once and answers", arguments: cases)
    func route(_ test: Case) async throws {
        let service = FakeService()
        try await withServer(service) { server in
            let answer = try await server.ask(test.request)
            #expect(answer.status == test.status, "\(answer.text)")
            #expect(answer.fields["cache-control"] == "no-store")
            #expect(answer.status == 204 ? answer.fields["content-length"] == nil : !answer.body.isEmpty)
        }
        #expect(service.calls == test.calls)
    }

    static let refusals: [(String, Int, String, String?)] = [
        (request("GET", "/"), 404, "not-found", nil),
        (request("GET", "/v1/nothing"), 404, "not-found", nil),
        (request("GET", "/v1/tools/github/users/alice/nothing"), 404, "not-found", nil),
        (request("GET", "/v1/tools/"), 400, "invalid-request", "path"),
        (request("GET", "//v1/tools"), 400, "invalid-request", "path"),
        (request("GET", "/v1/tools/github/users//token"), 400, "invalid-request", "path"),
        (request("GET", "/v1/tools/github/users/%zz"), 400, "invalid-request", "path"),
        (request("GET", "/v1/tools/github/users/%"), 400, "invalid-request", "path"),
        (request("GET", "/v1/tools/github/users/%ff"), 400, "invalid-request", "path"),
        (request("GET", "/v1/tools/github/users/%00"), 400, "invalid-request", "user_id"),
        (request("GET", "/v1/tools/github/users/.."), 400, "invalid-request", "user_id"),
        (
            request("GET", "/v1/tools/github/users/" + String(repeating: "a", count: 256)), 400, "invalid-request",
            "user_id"
        ),
        (request("GET", "/v1/tools/GitHub/users/alice"), 400, "invalid-request", "tool_id"),
        (request("GET", "/v1/tools?user_id="), 400, "invalid-request", "user_id"),
        (request("GET", "/v1/tools?user=alice"), 400, "invalid-request", "user"),
        (request("GET", "/v1/auths?limit=0"), 400, "invalid-request", "limit"),
        (request("GET", "/v1/auths?limit=1001"), 400, "invalid-request", "limit"),
        (request("GET", "/v1/auths?limit=1&limit=1"), 400, "invalid-request", "limit"),
        (request("GET", "/v1/auths?status=well"), 400, "invalid-request", "status"),
        (request("GET", "/v1/auths?cursor=%21"), 400, "invalid-request", "cursor"),
        (request("GET", "/v1/status?verbose"), 400, "invalid-request", "verbose"),
        (request("GET", "/v1/tools/github/users/alice/token?wait=61"), 400, "invalid-request", "wait"),
        (request("GET", "/v1/tools/github/users/alice/token?wait=1.5"), 400, "invalid-request", "wait"),
        (request("GET", "/v1/tools/github/users/alice/token?wait=-1"), 400, "invalid-request", "wait"),
        (request("GET", "/v1/tools/github/users/alice/token?min_validity="), 400, "invalid-request", "min_validity"),
        (request("DELETE", "/v1/tools/github/users/alice?revoke=no"), 400, "invalid-request", "revoke"),
        (request("POST", "/v1/tools/github/users/alice/refresh", "If-Match: 12"), 400, "invalid-request", "If-Match"),
        (request("POST", "/v1/tools/github/users/alice/refresh", json: "{}"), 400, "invalid-request", "body"),
        (request("GET", "/v1/status", json: "{}"), 400, "invalid-request", "body"),
        (request("GET", "/metrics/"), 400, "invalid-request", "path"),
        (request("GET", "/v1/metrics"), 404, "not-found", nil),
        (request("GET", "/metrics?name=x"), 400, "invalid-request", "name"),
        (request("GET", "/v1/keys?show"), 400, "invalid-request", "show"),
        (request("POST", "/v1/keys", json: "{}"), 400, "invalid-request", "body"),
        (request("DELETE", "/v1/keys/k1?force"), 400, "invalid-request", "force"),
        (request("POST", "/v1/key-rotation?now"), 400, "invalid-request", "now"),
        (request("DELETE", "/v1/keys/"), 400, "invalid-request", "path"),
        (request("POST", "/v1/resume?force"), 400, "invalid-request", "force"),
        (request("POST", "/v1/resume", json: "{}"), 400, "invalid-request", "body"),
        (request("POST", "/v1/tools/github/pause", json: "{}"), 400, "invalid-request", "body"),
        (request("POST", "/v1/tools/github/pause?for=1h"), 400, "invalid-request", "for"),
        (request("POST", "/v1/tools/GitHub/pause"), 400, "invalid-request", "tool_id"),
        (request("POST", "/v1/tools/github/stop"), 404, "not-found", nil),
        (
            request("POST", "/v1/tools/github/resume", json: #"{"accept":true}"#), 400, "invalid-request", "accept"
        ),
        (
            request("POST", "/v1/tools/github/resume", json: #"{"accept_endpoint":"yes"}"#), 400, "invalid-request",
            "accept_endpoint"
        ),
        (request("POST", "/v1/callback"), 415, "unsupported-media-type", nil),
        (request("POST", "/v1/callback", json: "{}"), 400, "invalid-callback", nil),
        (request("POST", "/v1/callback", json: #"{"url":"x?state=s","code":"c"}"#), 400, "invalid-request", "url"),
        (
            request("POST", "/v1/callback", json: #"{"url":"x?state=s&a=1&a=2"}"#), 400, "invalid-callback", nil
        ),
        (
            request("POST", "/v1/callback", json: #"{"state":"s","expected_user_id":""}"#), 400, "invalid-request",
            "expected_user_id"
        ),
        (
            request("POST", "/v1/callback", json: #"{"state":"s","expected_tool_id":"A"}"#), 400, "invalid-request",
            "expected_tool_id"
        ),
        (request("PUT", "/v1/tools/github/users/alice", json: "{}"), 400, "invalid-request", "access_token"),
        (
            "POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415,
            "unsupported-media-type", nil
        ),
    ]

    @Test("refuses with a problem document and never calls the service", arguments: refusals)
    func refusal(_ request: String, _ status: Int, _ code: String, _ field: String?) async throws {
        let service = FakeService()
        try await withServer(service) { server in
            let answer = try await server.ask(request)
            #expect(answer.status == status)
            #expect(answer.fields["content-type"] == "application/problem+json")
            #expect(answer.fields["cache-control"] == "no-store")
            let problem = try answer.decode(ProblemBody.self)
            #expect(problem.type == "urn:toolauthd:\(code)")
            #expect(problem.status == status)
            #expect(problem.field == field)
        }
        #expect(service.calls.isEmpty)
    }

    @Test(
        "names the methods a path has",
        arguments: [
            ("PATCH", "/v1/tools/github/users/alice", "GET, PUT, DELETE"), ("POST", "/healthz", "GET"),
            ("GET", "/v1/callback", "POST"), ("PUT", "/v1/authorizations/x", "GET, DELETE"),
            ("OPTIONS", "/v1/tools", "GET"), ("GET", "/v1/tools/github/pause", "POST"),
            ("DELETE", "/v1/tools/github/resume", "POST"), ("GET", "/v1/resume", "POST"),
            ("PUT", "/v1/keys", "GET, POST"), ("GET", "/v1/keys/k1", "DELETE"),
            ("DELETE", "/v1/key-rotation", "GET, POST"), ("POST", "/metrics", "GET"),
        ])
    func methods(_ method: String, _ path: String, _ allowed: String) async throws {
        try await withServer { server in
            let answer = try await server.ask(request(method, path))
            #expect(answer.status == 405)
            #expect(answer.fields["allow"] == allowed)
            #expect(try answer.decode(ProblemBody.self).code == "method-not-allowed")
        }
    }

    @Test("HEAD is refused without a body, so that the next answer is not mistaken for it")
    func head() async throws {
        try await withServer { server in
            let client = try server.connect()
            try await client.send(request("HEAD", "/v1/tools") + request("GET", "/v1/tools"))
            let first = try #require(try await client.readAnswer(hasBody: false))
            #expect(first.status == 405)
            let second = try #require(try await client.readAnswer())
            #expect(second.status == 200)
        }
    }

    @Test("composed and decomposed user ids stay two users")
    func canonicalEquivalence() async throws {
        let service = FakeService()
        try await withServer(service) { server in
            _ = try await server.ask(request("GET", "/v1/tools/github/users/jos%C3%A9"))
            _ = try await server.ask(request("GET", "/v1/tools/github/users/jose%CC%81"))
        }
        #expect(service.calls.map { Array($0.utf8).count } == [17, 18])
    }
}
