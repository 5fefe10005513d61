import CurlTransport
import TestSupport
import Testing
import ToolAuthCore

/// What comes back, well-formed or not.
@Suite(.timeLimit(.minutes(5)))
struct ReplyTests {
    /// Sends one request to a server that answers with these bytes, and then closes.
    private func answer(
        _ text: String, maximum: Int = 1 << 20, configuration: CurlHTTPTransport.Configuration = .patient()
    ) async -> Result<HTTPReply, TransportFailure> {
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.write(text)
        }
        return await withServer(server) { server in
            await withTransport(configuration) { transport in
                var request = HTTPRequest.post(server.url)
                request.maximumReplyBytes = maximum
                return await transport.send(request)
            }
        }
    }

    @Test("a redirect is a reply like others", arguments: [301, 302, 303, 307, 308])
    func redirect(_ status: Int) async {
        await withServer(LoopbackServer()) { other in
            let server = LoopbackServer { connection in
                while connection.readRequest() != nil {
                    connection.reply("moved", status: "\(status) Moved", headers: ["Location: \(other.url)"])
                }
            }
            await withServer(server) { server in
                await withTransport { transport in
                    let result = await transport.send(.post(server.url))
                    #expect(result.summary == "\(status) moved")
                    #expect(result.reply?.header("location") == other.url)
                    #expect(other.accepted == 0)
                }
            }
        }
    }

    @Test("a reply of any status is a reply", arguments: [200, 204, 400, 401, 404, 407, 429, 500, 503])
    func status(_ status: Int) async {
        let result = await answer("HTTP/1.1 \(status) Whatever\r\nContent-Length: 0\r\n\r\n")
        #expect(result.summary == "\(status) ")
    }

    @Test("headers keep order, duplicates and case, and informational replies and trailers are left out")
    func headers() async {
        let result = await answer(
            "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:   2  \r\nX-Empty:\r\nX-Folded: a\r\n  b\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n")
        #expect(result.summary == "200 ok")
        let lines = result.reply?.headers.map { "\($0.name)=\($0.value)" }
        #expect(lines == ["X-A=1", "x-a=2", "X-Empty=", "X-Folded=a b", "Transfer-Encoding=chunked"])
    }

    @Test("a body without a length ends with the connection")
    func closeDelimited() async {
        #expect(await answer("HTTP/1.0 200 OK\r\n\r\nok").summary == "200 ok")
    }

    @Test("a compressed body is handed over as it is")
    func compressed() async {
        let result = await answer("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u{1f}abc")
        #expect(result.summary == "200 \u{1f}abc")
    }

    @Test("a body of exactly the cap is whole", arguments: [1, 5000, 100_000])
    func atCap(_ size: Int) async {
        let body = String(repeating: "x", count: size)
        let announced = await answer("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n\(body)", maximum: size)
        #expect(announced.summary == "200 \(body)")
        #expect(await answer("HTTP/1.1 200 OK\r\n\r\n\(body)", maximum: size).summary == "200 \(body)")
    }

    @Test("a body one byte beyond the cap is cut off, whether its length is announced or not", arguments: [0, 1, 5000])
    func beyondCap(_ maximum: Int) async {
        let body = String(repeating: "x", count: maximum + 1)
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(maximum + 1)\r\n\r\n"
        let announced = await answer(head + body, maximum: maximum)
        #expect(announced.summary == "reply_too_large, may have been sent")
        let silent = await answer("HTTP/1.1 200 OK\r\n\r\n\(body)", maximum: maximum)
        #expect(silent.summary == "reply_too_large, may have been sent")
    }

    @Test("an announced length beyond the cap ends the transfer before the body comes")
    func announcedBeyondCap() async {
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")
            connection.waitForClose()
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "reply_too_large, may have been sent")
            }
        }
    }

    @Test("an endless chunked body is cut off while it streams")
    func endless() async {
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "1000\r\n" + String(repeating: "x", count: 0x1000) + "\r\n"
            while connection.write(chunk) {}
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "reply_too_large, may have been sent")
                // The server noticed that nobody reads.
                #expect(await eventually { server.open == 0 })
            }
        }
    }

    @Test(
        "endless header lines and informational replies are cut off",
        arguments: ["X-A: b\r\n", "\r\nHTTP/1.1 100 C\r\n"])
    func endlessHead(_ more: String) async {
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 \(more.hasPrefix("X") ? 200 : 100) OK\r\n")
            while connection.write(String(repeating: more, count: 100)) {}
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.send(.post(server.url)).summary == "reply_too_large, may have been sent")
            }
        }
    }

    @Test(
        "a header total beyond the configured cap is too large, below it is not",
        arguments: [(900, true), (1200, false)])
    func headerCap(_ size: Int, _ fits: Bool) async {
        var configuration = CurlHTTPTransport.Configuration.patient()
        configuration.maximumHeaderBytes = 1024
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: \(String(repeating: "x", count: size))\r\n\r\nok"
        let result = await answer(head, configuration: configuration)
        #expect(result.summary == (fits ? "200 ok" : "reply_too_large, may have been sent"))
    }

    @Test(
        "a reply that ends before it is whole is ambiguous",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", "HTTP/1.1 200 OK\r\nContent-Le", "",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "HTTP/1.1 100 Continue\r\n\r\n",
        ])
    func partial(_ text: String) async {
        #expect(await answer(text).summary == "interrupted, may have been sent")
    }

    @Test(
        "a reply that is not HTTP is ambiguous, and not quoted",
        arguments: [
            "s3cret and nothing else\r\n\r\n", "HTTP/1.1 s3cret\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: s3cret\r\n\r\n",
        ])
    func garbage(_ text: String) async {
        let result = await answer(text)
        if let failure = result.failure {
            #expect(failure.mayHaveBeenSent)
            #expect(!failure.detail.contains("s3cret"))
        } else {
            Issue.record("taken for a reply: \(result.summary)")
        }
    }
}
