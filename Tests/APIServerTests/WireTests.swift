import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("HTTP/1.1 over a socket")
struct WireTests {
    private static let token = "/v1/tools/github/users/alice/token"

    /// A client may take its time to send all of what was refused.
    private static var patient: APILimits {
        var limits = APILimits()
        limits.linger = .seconds(60)
        return limits
    }

    static let malformed: [(String, Int)] = [
        ("nonsense\r\n\r\n", 400),
        ("GET /healthz HTTP/3.0\r\nHost: a\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("GET healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /v1/tools/github/users/\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /healthz#top HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("POST /v1/callback HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("GET /" + String(repeating: "a", count: 8192) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("GET /" + String(repeating: "a", count: 100_000), 414),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 16_400) + "\r\n\r\n", 431),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 100_000), 431),
        (
            "GET /healthz HTTP/1.1\r\nHost: a\r\n"
                + (0..<3000).map { "X\($0): aaaaaa\r\n" }.joined() + "\r\n", 431
        ),
        ("POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413),
        (
            "POST /v1/callback HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n"
                + String(repeating: "a", count: 65_537) + "\r\n", 413
        ),
    ]

    @Test("what cannot be read is refused with a problem document, and the connection ends", arguments: malformed)
    func refuseMalformed(_ bytes: String, _ status: Int) async throws {
        let service = FakeService()
        try await withServer(service, limits: Self.patient) { server in
            let client = try server.connect()
            try await client.send(bytes)
            let answer = try #require(try await client.readAnswer())
            #expect(answer.status == status)
            #expect(answer.fields["content-type"] == "application/problem+json")
            #expect(answer.fields["cache-control"] == "no-store")
            #expect(answer.fields["connection"] == "close")
            #expect(try answer.decode(ProblemBody.self).status == status)
            #expect(try await client.readToEnd().isEmpty)
        }
        #expect(service.calls.isEmpty)
    }

    @Test("a target, header fields and a body of the greatest size are accepted")
    func greatest() async throws {
        try await withServer { server in
            let client = try server.connect()
            let path = "/" + String(repeating: "a", count: 8191)
            #expect(try await client.ask(request("GET", path)).status == 404)
            // Host: localhost counts with its 13 bytes, X with one.
            let field = "X: " + String(repeating: "a", count: 16_384 - 14)
            #expect(try await client.ask(request("GET", "/healthz", field)).status == 200)
            let start = #"{"state":"s","code":""#
            let json = start + String(repeating: "a", count: 65_536 - start.utf8.count - 2) + #""}"#
            #expect(json.utf8.count == 65_536)
            #expect(try await client.ask(request("POST", "/v1/callback", json: json)).status == 200)
        }
    }

    @Test("a client that sends far too much gets to read why")
    func lingers() async throws {
        try await withServer(limits: Self.patient) { server in
            let client = try server.connect()
            try await client.send("POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n")
            try await client.send([UInt8](repeating: 0x20, count: 10_000_000))
            #expect(try await client.readAnswer()?.status == 413)
        }
    }

    @Test("a chunked body is read")
    func chunked() async throws {
        let service = FakeService()
        try await withServer(service) { server in
            let answer = try await server.ask(
                "POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"state\"\r\n5\r\n:\"s\"}\r\n0\r\n\r\n")
            #expect(answer.status == 200)
        }
        #expect(service.calls == ["callback s - -/-"])
    }

    @Test("a request may come byte by byte, and another follows on the same connection")
    func byteByByte() async throws {
        try await withServer { server in
            let client = try server.connect()
            for byte in request("GET", "/healthz").utf8 { try await client.send([byte]) }
            #expect(try await client.readAnswer()?.status == 200)
            #expect(try await client.ask(request("GET", Self.token)).status == 200)
        }
    }

    @Test("pipelined requests are answered one at a time and in order")
    func pipelining() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        try await withServer(service) { server in
            let client = try server.connect()
            let paths = ["/v1/tools/github/users/a/token", "/v1/status", "/nothing", "/v1/tools", "/healthz"]
            try await client.send(paths.map { request("GET", $0) }.joined())
            try await eventually("the first is asked for") { service.calls.count == 1 }
            turnstile.open()
            var statuses: [Int] = []
            for _ in paths { statuses.append(try #require(try await client.readAnswer()).status) }
            #expect(statuses == [200, 200, 404, 200, 200])
        }
        #expect(service.calls == ["token github/a 60 10", "status", "tools -"])
    }

    @Test("what was asked before a malformed request is answered first")
    func refusalInOrder() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        try await withServer(service) { server in
            let client = try server.connect()
            try await client.send(request("GET", Self.token) + request("GET", "/healthz") + "nonsense\r\n\r\n")
            try await eventually("the first is asked for") { service.calls.count == 1 }
            turnstile.open()
            let answers = [try await client.readAnswer(), try await client.readAnswer(), try await client.readAnswer()]
            #expect(answers.map { $0?.status } == [200, 200, 400])
            #expect(answers.map { $0?.fields["connection"] } == [nil, nil, "close"])
            #expect(try await client.readAnswer() == nil)
        }
    }

    @Test("a client that sends requests and reads no answers is not read from for ever")
    func backpressure() async throws {
        let service = FakeService()
        service.set { $0.records = (0..<1000).map { _ in Sample.record } }
        try await withServer(service) { server in
            let client = try server.connect()
            let requests = Array(String(repeating: request("GET", "/v1/auths?limit=1000"), count: 100_000).utf8)
            let sent = try await client.sendUntilStalled(requests, milliseconds: 1000)
            #expect(sent < 2_000_000)
            #expect(service.calls.count < 10)
        }
    }

    @Test(
        "the connection ends after the answer where the client asked for it or cannot go on",
        arguments: [
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n",
            "GET /healthz HTTP/1.0\r\n\r\n",
            "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        ])
    func lastAnswer(_ request: String) async throws {
        try await withServer { server in
            let client = try server.connect()
            let answer = try await client.ask(request)
            #expect(answer.status == 200)
            #expect(answer.fields["connection"] == "close")
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test("a request for a tunnel is the last that is answered: what follows it is not the decoder's any more")
    func tunnel() async throws {
        try await withServer { server in
            let client = try server.connect()
            let answer = try await client.ask(request("CONNECT", "/healthz") + request("GET", "/healthz"))
            #expect(answer.status == 405)
            #expect(answer.fields["connection"] == "close")
            #expect(try await client.readToEnd().isEmpty)
        }
    }

    @Test("a client that ended its side is answered still")
    func halfClosed() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        try await withServer(service) { server in
            let client = try server.connect()
            try await client.send(request("GET", Self.token) + request("GET", "/v1/status"))
            client.endSending()
            try await eventually("the first is asked for") { service.calls.count == 1 }
            turnstile.open()
            #expect(try await client.readAnswer()?.status == 200)
            let last = try #require(try await client.readAnswer())
            #expect(last.status == 200)
            #expect(last.fields["connection"] == "close")
            #expect(try await client.readAnswer() == nil)
        }
    }

    @Test("a client that ends its side while a long answer is on its way gets all of it")
    func halfClosedWhileReading() async throws {
        let service = FakeService()
        service.set { $0.records = (0..<5000).map { _ in Sample.record } }
        try await withServer(service) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/v1/auths"))
            // The first bytes are here, so the rest is written and waits for us.
            try await client.waitForBytes()
            client.endSending()
            // Another connection of the same event loop is answered after the end was seen.
            for _ in 0..<10 { _ = try await server.ask(request("GET", "/healthz")) }
            let answer = try #require(try await client.readAnswer())
            #expect(try answer.decode(AuthsBody.self).auths.count == 5000)
        }
    }

    @Test("a client that ends its side in the middle of a request is told so")
    func endedEarly() async throws {
        try await withServer { server in
            let client = try server.connect()
            try await client.send("POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{}")
            client.endSending()
            #expect(try await client.readAnswer()?.status == 400)
            #expect(try await client.readAnswer() == nil)
        }
    }

    @Test("100-continue is granted where the body is welcome, and not where it is too large")
    func expectation() async throws {
        try await withServer { server in
            let client = try server.connect()
            let head =
                "POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            try await client.send(head + "Content-Length: 13\r\n\r\n")
            #expect(try await client.readAnswer()?.status == 100)
            #expect(try await client.ask(#"{"state":"s"}"#).status == 200)
            #expect(try await client.ask(head + "Content-Length: 70000\r\n\r\n").status == 413)
        }
    }

    @Test("100-continue comes after the answers that are owed first")
    func expectationInOrder() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        try await withServer(service) { server in
            let client = try server.connect()
            let head =
                "POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            try await client.send(request("GET", Self.token) + head + "Content-Length: 13\r\n\r\n")
            try await eventually("the first is asked for") { service.calls.count == 1 }
            turnstile.open()
            #expect(try await client.readAnswer()?.status == 200)
            #expect(try await client.readAnswer()?.status == 100)
            #expect(try await client.ask(#"{"state":"s"}"#).status == 200)
        }
    }

    @Test("a connection is closed as soon as the client ends its side too", .timeLimit(.minutes(1)))
    func bothEnded() async throws {
        var limits = APILimits()
        limits.linger = .seconds(3600)
        let kept = Locked<RawClient?>(nil)
        try await withServer(limits: limits) { server in
            let client = try server.connect()
            kept.withLock { $0 = client }
            #expect(try await client.ask("GET /healthz HTTP/1.0\r\n\r\n").status == 200)
            client.endSending()
        }
        #expect(kept.withLock { $0 } != nil)
    }

    @Test("beyond the greatest number of connections one is told 503 and closed, and a freed place is given away")
    func connectionLimit() async throws {
        var limits = APILimits()
        limits.maxConnections = 1
        try await withServer(limits: limits) { server in
            let first = try server.connect()
            #expect(try await first.ask(request("GET", "/healthz")).status == 200)
            let second = try server.connect()
            let answer = try #require(try await second.readAnswer())
            #expect(answer.status == 503)
            #expect(answer.fields["retry-after"] == "1")
            #expect(try answer.decode(ProblemBody.self).code == "too-many-connections")
            #expect(try await second.readAnswer() == nil)
            let last = try await first.ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(last.status == 200)
            #expect(try await first.readAnswer() == nil)
            first.endSending()
            let deadline = ContinuousClock.now + .seconds(10)
            var status = 503
            while status == 503, ContinuousClock.now < deadline {
                let client = try server.connect()
                try? await client.send(request("GET", "/healthz"))
                status = try await client.readAnswer()?.status ?? 503
            }
            #expect(status == 200)
        }
    }
}
