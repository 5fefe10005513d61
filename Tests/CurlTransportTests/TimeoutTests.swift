import CurlTransport
import Glibc
import TestSupport
import Testing
import ToolAuthCore

/// Time-outs end a transfer in whatever state it is, and no other transfer.
@Suite(.timeLimit(.minutes(5)))
struct TimeoutTests {
    private static let short = Duration.milliseconds(150)

    /// Reads requests, and answers only those to `/token`.
    private static func selectiveServer() -> LoopbackServer {
        LoopbackServer { connection in
            while let request = connection.readRequest() {
                guard request.line.contains(" /token ") else { return connection.waitForClose() }
                connection.reply()
            }
        }
    }

    /// Answers once, so that the connection stands before the time that matters begins, and then does as told.
    private static func server(then serve: @escaping @Sendable (ServerConnection) -> Void) -> LoopbackServer {
        LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.reply()
            serve(connection)
        }
    }

    @Test("a server that takes the request and says nothing times out, and the request may have been sent")
    func silent() async {
        await withServer(Self.server { $0.waitForClose() }) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                let result = await transport.send(.post(server.url).timingOut(after: .seconds(1)))
                #expect(result.summary == "timeout, may have been sent")
                #expect(await eventually { server.open == 0 })
            }
        }
    }

    @Test("a reply that trickles in does not put the time-out off")
    func trickle() async {
        let server = Self.server { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while connection.write("x") { usleep(5000) }
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                let result = await transport.send(.post(server.url).timingOut(after: .seconds(1)))
                #expect(result.summary == "timeout, may have been sent")
            }
        }
    }

    @Test("the connect time-out counts only until the request begins")
    func connectTimeoutEnds() async {
        let gate = Gate()
        let server = Self.server { connection in
            connection.readRequest()
            gate.wait()
            connection.reply()
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                async let result = transport.send(
                    .post(server.url).timingOut(after: .seconds(120), connect: .seconds(1)))
                #expect(await eventually { server.requests.count == 2 })
                // Well beyond the connect time-out: another transfer with the same one has ended by it.
                let full = FullListener()
                defer { withExtendedLifetime(full) {} }
                for _ in 1...2 {
                    let other = await transport.send(
                        .post("http://127.0.0.1:\(full.port)/").timingOut(after: .seconds(120), connect: .seconds(1)))
                    #expect(other.summary == "timeout, not sent")
                }
                gate.open()
                #expect(await result.summary == "200 ok")
            }
        }
    }

    @Test("a connection that is never accepted times out, and nothing was sent")
    func connecting() async {
        let full = FullListener()
        defer { withExtendedLifetime(full) {} }
        await withTransport { transport in
            let request = HTTPRequest.post("http://127.0.0.1:\(full.port)/")
            let result = await transport.send(request.timingOut(after: .seconds(120), connect: Self.short))
            #expect(result.summary == "timeout, not sent")
            #expect(await transport.send(request.timingOut(after: Self.short)).summary == "timeout, not sent")
        }
    }

    @Test("a TLS handshake that is never answered falls under the connect time-out, and nothing was sent")
    func handshake() async {
        await withServer(LoopbackServer { $0.waitForClose() }) { server in
            await withTransport { transport in
                let request = HTTPRequest.post("https://127.0.0.1:\(server.port)/")
                let result = await transport.send(request.timingOut(after: .seconds(120), connect: Self.short))
                #expect(result.summary == "timeout, not sent")
            }
        }
    }

    @Test("a transfer that waits for a connection times out, and nothing was sent")
    func waitingForConnection() async {
        var configuration = CurlHTTPTransport.Configuration.patient()
        configuration.maximumConnectionsPerHost = 1
        await withServer(Self.selectiveServer()) { server in
            await withTransport(configuration) { transport in
                async let first = transport.send(.post("http://127.0.0.1:\(server.port)/hang"))
                #expect(await eventually { server.requests.count == 1 })
                let second = await transport.send(.post(server.url).timingOut(after: Self.short))
                #expect(second.summary == "timeout, not sent")
                #expect(server.requests.count == 1)
                server.stop()
                #expect(await first.summary == "interrupted, may have been sent")
            }
        }
    }

    @Test("transfers that wait for a connection go when one is free")
    func connectionFreed() async {
        var configuration = CurlHTTPTransport.Configuration.patient()
        configuration.maximumConnections = 1
        await withServer(LoopbackServer()) { one in
            await withServer(LoopbackServer()) { other in
                await withTransport(configuration) { transport in
                    await withTaskGroup(of: String.self) { group in
                        for number in 1...20 {
                            let url = number.isMultiple(of: 2) ? one.url : other.url
                            group.addTask { await transport.send(.post(url)).summary }
                        }
                        for await summary in group { #expect(summary == "200 ok") }
                    }
                }
            }
        }
    }

    @Test("while one transfer hangs and times out, others to the same server go on")
    func othersGoOn() async {
        await withServer(Self.selectiveServer()) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                async let slow = transport.send(
                    .post("http://127.0.0.1:\(server.port)/hang").timingOut(after: .seconds(2)))
                #expect(await eventually { server.requests.count == 2 })
                for _ in 1...10 { #expect(await transport.send(.post(server.url)).summary == "200 ok") }
                #expect(await slow.summary == "timeout, may have been sent")
            }
        }
    }

    @Test("a time-out of nothing ends the transfer before it begins", arguments: [Duration.zero, .seconds(-1)])
    func nothing(_ timeout: Duration) async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                let result = await transport.send(.post(server.url).timingOut(after: timeout))
                #expect(result.summary == "timeout, not sent")
                #expect(server.accepted == 0)
            }
        }
    }

    @Test("a time-out longer than any clock is no time-out")
    func endless() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                let request = HTTPRequest.post(server.url).timingOut(after: .seconds(Int64.max))
                #expect(await transport.send(request).summary == "200 ok")
            }
        }
    }
}
