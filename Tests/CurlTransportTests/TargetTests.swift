import CurlTransport
import Testing
import ToolAuthCore

/// What is refused before anything leaves this machine.
@Suite(.timeLimit(.minutes(5)))
struct TargetTests {
    @Test(
        "a URL that may not be asked is refused, and its secrets are not in the message",
        arguments: [
            "http://provider.example/token?s3cret", "http://192.0.2.1/s3cret", "http://localhost.example/s3cret",
            "http://127.0.0.2/s3cret", "http://[::2]/s3cret", "ftp://127.0.0.1/s3cret", "file:///etc/s3cret",
            "gopher://localhost/s3cret", "ws://localhost/s3cret", "dict://localhost/s3cret", "localhost/s3cret",
            "//localhost/s3cret", "/s3cret", "", "https:/localhost/s3cret", "https:///s3cret", "https:s3cret",
            "https://?s3cret", "https://alice:s3cret@localhost/", "https://alice@localhost/s3cret",
            "https://@localhost/s3cret", "https://:s3cret@localhost/", "http://localhost@provider.example/s3cret",
            "https://localhost/#s3cret", "https://localhost/token#", "https://localhost/to ken?s3cret",
            "https://localhost/\r\nX: s3cret", "https://localhost\\@provider.example/s3cret",
            "https://localhost:99999/s3cret", "https://localhost:0/s3cret", "https://localhost:x/s3cret",
            "https://bücher.example/s3cret", "https://loc{al}host/s3cret", "https://[::1/s3cret",
            "https://localhost/" + String(repeating: "s3cret", count: 2000),
        ])
    func refused(_ url: String) async throws {
        let transport = CurlHTTPTransport(configuration: .patient(lookUp: neverLooksUp))
        let failure = try #require(await transport.send(.post(url)).failure)
        #expect(failure.kind == .refused)
        #expect(!failure.mayHaveBeenSent)
        #expect(!failure.detail.contains("s3cret") && !failure.detail.isEmpty)
        await transport.shutDown()
    }

    @Test(
        "plain http to loopback goes only where the options allow it",
        arguments: ["127.0.0.1", "localhost", "LOCALHOST"])
    func loopback(_ host: String) async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                var request = HTTPRequest.post("http://\(host):\(server.port)/token")
                #expect(await transport.send(request).summary == "200 ok")
                request.options.allowsHTTPLoopback = false
                #expect(await transport.send(request).summary == "refused, not sent")
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("the scheme is read without regard to case", arguments: ["HTTP", "hTTp"])
    func schemeCase(_ scheme: String) async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                #expect(await transport.send(.post("\(scheme)://127.0.0.1:\(server.port)/")).summary == "200 ok")
            }
        }
    }

    @Test("an https URL in capitals is https, not plain")
    func httpsInCapitals() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                // A plain server: the handshake cannot succeed.
                let request = HTTPRequest.post("HTTPS://127.0.0.1:\(server.port)/")
                let result = await transport.send(request.timingOut(after: .seconds(1)))
                #expect(result.failure?.mayHaveBeenSent == false)
                #expect(result.failure?.kind != .refused)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test(
        "a header that could end early, or that is the transport's own, is refused",
        arguments: [
            ("X-A", "b\r\nX-C: s3cret"), ("X-A", "s3cret\n"), ("X-A", "s3cret\r"), ("X-A", "s3cret\0"),
            ("X-A", "s3cret\u{7f}"), ("X-A\r\nX-B", "s3cret"), ("X A", "s3cret"), ("X-A:", "s3cret"), ("", "s3cret"),
            ("Héader", "s3cret"), ("Content-Length", "0"), ("transfer-encoding", "chunked"), ("Host", "h.example"),
            ("Connection", "close"), ("Expect", "100-continue"), ("Upgrade", "h2c"),
        ])
    func badHeader(_ name: String, _ value: String) async throws {
        try await withServer(LoopbackServer()) { server in
            try await withTransport { transport in
                var request = HTTPRequest.post(server.url)
                request.headers.append(.init(name, value))
                let failure = try #require(await transport.send(request).failure)
                #expect(failure.kind == .refused && !failure.mayHaveBeenSent)
                #expect(!failure.detail.contains("s3cret"))
                #expect(server.accepted == 0)
            }
        }
    }

    @Test("a GET with a body is refused")
    func getWithBody() async {
        await withTransport { transport in
            var request = HTTPRequest.get("https://localhost/")
            request.body = Secret("x")
            #expect(await transport.send(request).summary == "refused, not sent")
        }
    }

    @Test(
        "a proxy that is not plainly a proxy is refused",
        arguments: [
            "socks5://127.0.0.1:1", "127.0.0.1:3128", "http://alice:s3cret@127.0.0.1:3128",
            "http://127.0.0.1:3128/path", "http://127.0.0.1:3128/?q", "", "http://",
        ])
    func badProxy(_ proxy: String) async {
        await withTransport(.patient(lookUp: neverLooksUp)) { transport in
            var request = HTTPRequest.post("https://provider.example/")
            request.options.proxy = proxy
            let result = await transport.send(request)
            #expect(result.summary == "refused, not sent")
            #expect(result.failure?.detail.contains("s3cret") == false)
        }
    }
}

@Sendable func neverLooksUp(_ host: String) -> NameAnswer {
    Issue.record("\(host) was looked up")
    return .failed(reason: "must not be asked")
}
