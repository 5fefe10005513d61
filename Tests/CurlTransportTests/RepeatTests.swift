import CurlTransport
import TestSupport
import Testing
import ToolAuthCore

/// A token request must reach the server once, whatever becomes of its connection.
@Suite(.timeLimit(.minutes(5)))
struct RepeatTests {
    /// Answers the first request of the first connection, and closes at the second without a byte.
    private static func dyingServer() -> LoopbackServer {
        LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.reply()
            guard connection.number == 1 else { return connection.waitForClose() }
            connection.readRequest()
        }
    }

    @Test("a POST is not sent again when a kept connection closes without a byte")
    func postOnDyingConnection() async {
        await withServer(Self.dyingServer()) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url, "first")).summary == "200 ok")
                let second = await transport.send(.post(server.url, "second"))
                #expect(second.summary == "interrupted, may have been sent")
                #expect(server.requests.map(\.body) == ["first", "second"])
                #expect(server.requests.map(\.connection) == [1, 1])
            }
        }
    }

    @Test("a request without a body is not sent again either", arguments: [HTTPRequest.Method.get, .post])
    func bodylessOnDyingConnection(_ method: HTTPRequest.Method) async {
        await withServer(Self.dyingServer()) { server in
            await withTransport { transport in
                #expect(await transport.send(.get(server.url)).summary == "200 ok")
                var request = HTTPRequest.get(server.url)
                request.method = method
                #expect(await transport.send(request).summary == "interrupted, may have been sent")
                #expect(server.requests.count == 2)
            }
        }
    }

    @Test("a POST is not sent again when a kept connection is reset")
    func postOnResetConnection() async {
        let server = LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.reply()
            connection.readRequest()
            connection.resetOnClose()
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                #expect(await transport.send(.post(server.url)).summary == "interrupted, may have been sent")
                #expect(server.requests.count == 2)
            }
        }
    }

    @Test("a POST with a long body is not sent again when the connection closes in its middle")
    func longPost() async {
        let server = LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.reply()
            _ = connection.readHead()
            _ = connection.read(1000)
            connection.resetOnClose()
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                let long = HTTPRequest.post(server.url, String(repeating: "x", count: 1 << 20))
                #expect(await transport.send(long).summary == "interrupted, may have been sent")
                // A second connection may have been made, but carried no request.
                #expect(await eventually { server.open == 0 })
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("a POST on a fresh connection that closes without a byte is ambiguous")
    func postOnFreshConnection() async {
        await withServer(LoopbackServer { $0.readRequest() }) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "interrupted, may have been sent")
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test("a kept connection that the server closed meanwhile is not used, and the POST succeeds")
    func closedMeanwhile() async {
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.reply()
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                #expect(await eventually { server.open == 0 })
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                #expect(server.requests.map(\.connection) == [1, 2])
            }
        }
    }
}
