import CurlTransport
import Glibc
import Testing
import ToolAuthCore

/// Proxies are used where configuration names one, and nowhere else.
@Suite(.timeLimit(.minutes(5)))
struct ProxyTests {
    private static func tlsServer() -> LoopbackServer {
        LoopbackServer { connection in
            guard connection.readTLSLine() != nil else { return }
            while connection.readRequest() != nil { connection.reply() }
        }
    }

    @Test("https goes through the proxy's tunnel, which sees neither the request's headers nor its path")
    func tunnel() async throws {
        let authority = await TestAuthority.shared.value
        try await withServer(Self.tlsServer()) { server in
            let front = await TLSFront(
                authority, to: server, certificate: await authority.certificate(for: "DNS:provider.example"))
            defer { withExtendedLifetime(front) {} }
            try await withServer(LoopbackServer { serveTunnel($0, to: front.port) }) { proxy in
                // The proxy alone is looked up here; the host is the proxy's business.
                let configuration = CurlHTTPTransport.Configuration.patient { host in
                    #expect(host == "proxy.example")
                    return .addresses(["127.0.0.1"])
                }
                try await withTransport(configuration) { transport in
                    var request = HTTPRequest.post("https://provider.example/token").trusting(authority)
                    request.headers.append(.init("Authorization", "Basic s3cret"))
                    request.options.proxy = "http://proxy.example:\(proxy.port)"
                    let result = await transport.send(request)
                    #expect(result.summary == "200 ok")
                    #expect(result.reply?.header("x-proxy") == nil)
                    #expect(server.requests.count == 1)
                    let seen = try #require(proxy.requests.first)
                    #expect(seen.line == "CONNECT provider.example:443 HTTP/1.1")
                    #expect(!seen.head.contains("s3cret") && !seen.head.contains("token"))
                }
            }
        }
    }

    @Test(
        "a proxy that refuses the tunnel is a failure to connect, and nothing was sent",
        arguments: ["403 No", "407 Who", "502 Bad"])
    func refusedTunnel(_ status: String) async {
        await withServer(LoopbackServer { serveTunnel($0, to: 1, status: status) }) { proxy in
            await withTransport(.patient(lookUp: neverLooksUp)) { transport in
                var request = HTTPRequest.post("https://provider.example/")
                request.options.proxy = "http://127.0.0.1:\(proxy.port)"
                let result = await transport.send(request)
                #expect(result.summary == "connect, not sent")
                #expect(result.failure?.detail.contains(status.prefix(3)) == true)
            }
        }
    }

    @Test("a proxy that is not there is a failure to connect, and nothing was sent")
    func missingProxy() async {
        let port = RefusingPort()
        defer { withExtendedLifetime(port) {} }
        await withTransport(.patient(lookUp: neverLooksUp)) { transport in
            var request = HTTPRequest.post("https://provider.example/")
            request.options.proxy = "http://127.0.0.1:\(port.number)"
            #expect(await transport.send(request).summary == "connect, not sent")
        }
    }

    @Test("plain http to loopback goes straight, also where a proxy is configured")
    func loopbackGoesStraight() async {
        await withServer(LoopbackServer()) { server in
            await withServer(LoopbackServer()) { proxy in
                await withTransport { transport in
                    var request = HTTPRequest.post(server.url)
                    request.options.proxy = "http://127.0.0.1:\(proxy.port)"
                    #expect(await transport.send(request).summary == "200 ok")
                    #expect(proxy.accepted == 0)
                }
            }
        }
    }

    @Test("the environment's proxies and exceptions, and .netrc, do not count")
    func environment() async {
        await #expect(processExitsWith: .success) {
            let proxy = LoopbackServer { serveTunnel($0, to: 1, status: "403 No") }
            let server = LoopbackServer()
            for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:\(proxy.port)", 1)
            }
            var template = Array("/tmp/toolauthd-curl-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { exit(9) }
            let home = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            let file = fopen(home + "/.netrc", "w")
            fputs("default login alice password s3cret\n", file)
            fclose(file)
            setenv("HOME", home, 1)
            defer {
                unlink(home + "/.netrc")
                rmdir(home)
            }
            let failed = await withTransport { transport -> Int32 in
                guard await transport.send(.post(server.url)).summary == "200 ok" else { return 1 }
                guard server.requests.first?.values("authorization") == [] else { return 2 }
                let tls = HTTPRequest.post("https://127.0.0.1:\(server.port)/")
                _ = await transport.send(tls.timingOut(after: .milliseconds(200)))
                guard proxy.accepted == 0 else { return 3 }

                // And an exception of the environment does not lead past a configured proxy.
                setenv("no_proxy", "*", 1)
                setenv("NO_PROXY", "*", 1)
                var request = HTTPRequest.post("https://127.0.0.1:\(server.port)/")
                request.options.proxy = "http://127.0.0.1:\(proxy.port)"
                guard await transport.send(request).summary == "connect, not sent" else { return 4 }
                return proxy.accepted == 1 ? 0 : 5
            }
            unlink(home + "/.netrc")
            rmdir(home)
            exit(failed)
        }
    }
}
