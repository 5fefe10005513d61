import Glibc
import NIOCore
import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

/// Each test shortens one time and leaves the others so long that only that one can end the connection.
@Suite("Deadlines over a socket")
struct DeadlineTests {
    private static let long = Duration.seconds(3600)

    private func limits(_ change: (inout APILimits) -> Void) -> APILimits {
        var limits = APILimits()
        limits.requestDeadline = Self.long
        limits.readerDeadline = Self.long
        limits.idleTimeout = Self.long
        change(&limits)
        return limits
    }

    /// Waits until what a client sends is refused: the server's end is gone.
    private func expectClosed(
        _ client: RawClient, sending text: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("the server closes", sourceLocation: sourceLocation) {
            do { try await client.send(text) } catch let failure as SocketFailure {
                return failure.errno == EPIPE || failure.errno == ECONNRESET
            }
            return false
        }
    }

    @Test(
        "half a request ends the connection",
        arguments: [
            "G", "GET /healthz HTTP/1.1\r\nHost: a\r\n",
            "POST /v1/callback HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{}",
            "POST /v1/callback HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        ])
    func halfRequest(_ half: String) async throws {
        let service = FakeService()
        try await withServer(service, limits: limits { $0.requestDeadline = .milliseconds(50) }) { server in
            let client = try server.connect()
            try await client.send(half)
            #expect(try await client.readToEnd().isEmpty)
        }
        #expect(service.calls.isEmpty)
    }

    @Test("half a request behind a whole one, sent together, ends the connection after the answer")
    func halfSecondRequest() async throws {
        try await withServer(limits: limits { $0.requestDeadline = .milliseconds(50) }) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/healthz") + "GET /hea")
            #expect(try await client.readAnswer()?.status == 200)
            #expect(try await client.readAnswer() == nil)
        }
    }

    @Test("half a request does not hold up the answer to the one before, however long that takes")
    func halfBehindSlow() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        try await withServer(service, limits: limits { $0.requestDeadline = .milliseconds(1) }) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/v1/tools/github/users/alice/token") + "GET /hea")
            try await eventually("the first is asked for") { service.calls.count == 1 }
            // A round trip on another connection, after which the deadline would be long over.
            for _ in 0..<50 { _ = try await server.ask(request("GET", "/healthz")) }
            turnstile.open()
            #expect(try await client.readAnswer()?.status == 200)
            #expect(try await client.readAnswer() == nil)
        }
    }

    @Test("an idle connection ends before its first request")
    func idle() async throws {
        try await withServer(limits: limits { $0.idleTimeout = .milliseconds(50) }) { server in
            let client = try server.connect()
            #expect(try await client.readAnswer() == nil)
        }
    }

    @Test("an idle connection ends after a request")
    func idleAgain() async throws {
        try await withServer(limits: limits { $0.idleTimeout = .milliseconds(50) }) { server in
            // On a busy machine the time may be over before the request is sent.
            var isAnswered = false
            while !isAnswered {
                let client = try server.connect()
                guard (try? await client.send(request("GET", "/healthz"))) != nil else { continue }
                isAnswered = try await client.readAnswer()?.status == 200
                #expect(try await client.readAnswer() == nil)
            }
        }
    }

    @Test("whoever reads nothing of a long answer is cut off, and it ends there")
    func reader() async throws {
        let service = FakeService()
        service.set { $0.records = (0..<5000).map { _ in Sample.record } }
        try await withServer(service, limits: limits { $0.readerDeadline = .milliseconds(50) }) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/v1/auths"))
            try await expectClosed(client, sending: "\r\n")
            let received = try await client.readToEnd()
            let whole = try JSONBytes.encode(AuthsBody(auths: service.records.map(RecordBody.init), nextCursor: nil))
            #expect(received.count < whole.readableBytes)
        }
    }

    @Test("who goes on sending after the last answer is closed after a while")
    func linger() async throws {
        try await withServer(limits: limits { $0.linger = .milliseconds(50) }) { server in
            let client = try server.connect()
            #expect(try await client.ask("nonsense\r\n\r\n").status == 400)
            try await expectClosed(client, sending: "more")
        }
    }
}
