import CurlTransport
import TestSupport
import Testing
import ToolAuthCore

/// TLS as it must be: checked, recent, resumed; and HTTP/2 where it is offered.
@Suite(.timeLimit(.minutes(5)))
struct TLSTests {
    /// A server behind a ``TLSFront`` that answers with the line the front announced the connection with.
    private static func announcingServer() -> LoopbackServer {
        LoopbackServer { connection in
            guard let line = connection.readTLSLine() else { return }
            while connection.readRequest() != nil { connection.reply(line) }
        }
    }

    @Test("a server whose certificate the given authority signed is talked to, by name and by address")
    func trusted() async {
        let authority = await TestAuthority.shared.value
        await withServer(Self.announcingServer()) { server in
            let front = await TLSFront(authority, to: server)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                let reply = await transport.send(.post(front.url).trusting(authority))
                #expect(reply.summary == "200 TLSv1.3 False http/1.1")
                let address = HTTPRequest.post("HTTPS://127.0.0.1:\(front.port)/").trusting(authority)
                #expect(await transport.send(address).reply?.status == 200)
            }
        }
    }

    @Test("a server of an authority that is not trusted fails TLS, and nothing was sent")
    func untrusted() async {
        let authority = await TestAuthority.shared.value
        let other = await TestAuthority()
        await withServer(Self.announcingServer()) { server in
            let front = await TLSFront(authority, to: server)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                let bySystem = await transport.send(.post(front.url))
                #expect(bySystem.summary == "tls, not sent")
                #expect(bySystem.failure?.detail.contains("localhost:\(front.port)") == true)
                #expect(await transport.send(.post(front.url).trusting(other)).summary == "tls, not sent")
                // Neither does it pass over a connection, or a session, that another trust made.
                #expect(await transport.send(.post(front.url).trusting(authority)).reply?.status == 200)
                #expect(await transport.send(.post(front.url).trusting(other)).summary == "tls, not sent")
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("a certificate for another name fails TLS, and nothing was sent")
    func wrongName() async {
        let authority = await TestAuthority.shared.value
        await withServer(Self.announcingServer()) { server in
            let certificate = await authority.certificate(for: "DNS:provider.example,IP:192.0.2.1")
            let front = await TLSFront(authority, to: server, certificate: certificate)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                #expect(await transport.send(.post(front.url).trusting(authority)).summary == "tls, not sent")
                let address = HTTPRequest.post("https://127.0.0.1:\(front.port)/").trusting(authority)
                #expect(await transport.send(address).summary == "tls, not sent")
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test("an expired certificate fails TLS, and nothing was sent")
    func expired() async {
        let authority = await TestAuthority.shared.value
        await withServer(Self.announcingServer()) { server in
            let front = await TLSFront(authority, to: server, certificate: await authority.certificate(expired: true))
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                let result = await transport.send(.post(front.url).trusting(authority))
                #expect(result.summary == "tls, not sent")
                #expect(result.failure?.detail.contains("expired") == true)
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test("a server that speaks TLS 1.1 at most is not talked to")
    func oldVersion() async {
        let authority = await TestAuthority.shared.value
        await withServer(Self.announcingServer()) { server in
            let front = await TLSFront(authority, to: server, versions: .old)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                #expect(await transport.send(.post(front.url).trusting(authority)).summary == "tls, not sent")
                #expect(server.requests.isEmpty)
            }
        }
    }

    @Test("a file of authorities that is not there fails TLS, and the message names no URL")
    func missingFile() async {
        await withServer(LoopbackServer { $0.waitForClose() }) { server in
            await withTransport { transport in
                var request = HTTPRequest.post("https://127.0.0.1:\(server.port)/s3cret")
                request.options.caFile = "/nowhere/ca.pem"
                let result = await transport.send(request)
                #expect(result.summary == "tls, not sent")
                #expect(result.failure?.detail.contains("s3cret") == false)
            }
        }
    }

    @Test("a second connection resumes the first one's TLS session, though no handle is kept")
    func resumed() async {
        let authority = await TestAuthority.shared.value
        await withServer(Self.announcingServer()) { server in
            let front = await TLSFront(authority, to: server)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                var request = HTTPRequest.post(front.url).trusting(authority)
                request.needsFreshConnection = true
                #expect(await transport.send(request).summary == "200 TLSv1.3 False http/1.1")
                #expect(await transport.send(request).summary == "200 TLSv1.3 True http/1.1")
            }
        }
    }

    @Test("a kept TLS connection that dies at the second POST carries it once")
    func repeated() async {
        let authority = await TestAuthority.shared.value
        let server = LoopbackServer { connection in
            guard connection.readTLSLine() != nil, connection.readRequest() != nil else { return }
            connection.reply()
            connection.readRequest()
        }
        await withServer(server) { server in
            let front = await TLSFront(authority, to: server)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                let request = HTTPRequest.post(front.url).trusting(authority)
                #expect(await transport.send(request).summary == "200 ok")
                #expect(await transport.send(request).summary == "interrupted, may have been sent")
                #expect(await eventually { server.open == 0 })
                #expect(server.requests.count == 2)
            }
        }
    }

    @Test("HTTP/2 is spoken where it is offered, with many transfers on one connection")
    func http2() async {
        let authority = await TestAuthority.shared.value
        let server = LoopbackServer { connection in
            guard connection.readTLSLine()?.hasSuffix(" h2") == true else { return }
            serveHTTP2(connection) { _ in .reply }
        }
        await withServer(server) { server in
            let front = await TLSFront(authority, to: server, alpn: ["h2", "http/1.1"])
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                let request = HTTPRequest.post(front.url).trusting(authority)
                let first = await transport.send(request)
                #expect(first.summary == "200 grant_type=refresh_token")
                #expect(first.reply?.headers.isEmpty == true)
                await withTaskGroup(of: String.self) { group in
                    for _ in 1...20 { group.addTask { await transport.send(request).summary } }
                    for await summary in group { #expect(summary == "200 grant_type=refresh_token") }
                }
                #expect(server.requests.count == 0)
                #expect(server.accepted == 1)
            }
        }
    }

    @Test(
        "an HTTP/2 stream that is reset or refused is ambiguous, and its request is not sent again",
        arguments: [HTTP2Answer.reset(2), .reset(7), .goAway, .close])
    func http2Reset(_ answer: HTTP2Answer) async {
        let authority = await TestAuthority.shared.value
        let count = Locked(0)
        let server = LoopbackServer { connection in
            guard connection.readTLSLine() != nil else { return }
            serveHTTP2(connection) { _ in
                count.withLock { count in
                    count += 1
                    return count == 2 ? answer : .reply
                }
            }
        }
        await withServer(server) { server in
            let front = await TLSFront(authority, to: server, alpn: ["h2"])
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                var request = HTTPRequest.post(front.url).trusting(authority)
                #expect(await transport.send(request).summary == "200 grant_type=refresh_token")
                #expect(await transport.send(request).summary == "interrupted, may have been sent")
                #expect(count.withLock { $0 } == 2)
                request.needsFreshConnection = true
                #expect(await transport.send(request).summary == "200 grant_type=refresh_token")
            }
        }
    }
}
