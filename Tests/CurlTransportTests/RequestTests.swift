import CurlTransport
import Testing
import ToolAuthCore

/// What goes over the wire.
@Suite(.timeLimit(.minutes(5)))
struct RequestTests {
    private func received(_ change: (inout HTTPRequest) -> Void) async throws -> ReceivedRequest {
        try await withServer(LoopbackServer()) { server in
            try await withTransport { transport in
                var request = HTTPRequest.post(server.url)
                change(&request)
                #expect(await transport.send(request).summary == "200 ok")
                return try #require(server.requests.first)
            }
        }
    }

    @Test("method, path, query, headers and body arrive as given")
    func whole() async throws {
        let request = try await received { request in
            request.url += "?a=b%20c&d"
            request.headers.append(.init("Authorization", Secret("Basic YWxpY2U6Ym9i")))
            request.headers.append(.init("Accept", "application/json"))
            request.body = Secret("code=1&x=%C3%A9")
        }
        #expect(request.line == "POST /token?a=b%20c&d HTTP/1.1")
        #expect(request.values("authorization") == ["Basic YWxpY2U6Ym9i"])
        #expect(request.values("accept") == ["application/json"])
        #expect(request.values("content-type") == ["application/x-www-form-urlencoded"])
        #expect(request.values("content-length") == ["15"])
        #expect(request.values("user-agent") == ["toolauthd/test"])
        #expect(request.body == "code=1&x=%C3%A9")
    }

    @Test("no content type is sent where the caller gives none")
    func noContentType() async throws {
        let request = try await received { $0.headers = [] }
        #expect(request.values("content-type") == [])
    }

    @Test("neither 100-continue nor a compressed reply is asked for, for long bodies too")
    func nothingExtra() async throws {
        let request = try await received { $0.body = Secret([UInt8](repeating: 0x61, count: 2 << 20)) }
        #expect(request.values("expect") == [])
        #expect(request.values("accept-encoding") == [])
        #expect(request.values("transfer-encoding") == [])
        #expect(request.body == String(repeating: "a", count: 2 << 20))
    }

    @Test("a header with an empty value is sent empty", arguments: ["", " ", "\t "])
    func emptyHeader(_ value: String) async throws {
        let request = try await received { $0.headers.append(.init("X-Empty", value)) }
        #expect(request.values("x-empty") == [""])
    }

    @Test("two headers of one name are both sent, in order")
    func repeatedHeader() async throws {
        let request = try await received { $0.headers += [.init("X-A", "1"), .init("X-A", "2")] }
        #expect(request.values("x-a") == ["1", "2"])
    }

    @Test("a POST without a body has length zero")
    func emptyPost() async throws {
        let request = try await received { $0.body = nil }
        #expect(request.line.hasPrefix("POST "))
        #expect(request.values("content-length") == ["0"])
    }

    @Test("a GET is a GET, after a POST on the same connection too")
    func get() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                #expect(await transport.send(.get(server.url)).summary == "200 ok")
                #expect(server.requests.map(\.line) == ["POST /token HTTP/1.1", "GET /token HTTP/1.1"])
                #expect(server.requests.map(\.connection) == [1, 1])
            }
        }
    }
}
