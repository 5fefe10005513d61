import CurlTransport
import Glibc
import TestSupport
import Testing
import ToolAuthCore

/// A connection is opened with all its checks, nothing is sent over it, and it is closed.
@Suite(.timeLimit(.minutes(5)))
struct TryingConnectionTests {
    /// What servers got of the connections that were tried.
    private final class Witness: Sendable {
        private let state = Locked<[String]>([])
        /// For each connection that ended: how the ``TLSFront`` announced it, and what came after.
        var seen: [String] { state.withLock { $0 } }

        /// Reads until the client closes.
        func server(behindTLS: Bool = true) -> LoopbackServer {
            LoopbackServer { [self] connection in
                guard let line = behindTLS ? connection.readTLSLine() : "plain" else { return }
                let isSilent = connection.read(1) == nil
                state.withLock { $0.append(line + (isSilent ? ", silent" : ", not silent")) }
            }
        }
    }

    private let witness = Witness()

    @Test("a connection stands with TLS, not a byte of a request goes over it, and it is closed at once")
    func stands() async {
        let authority = await TestAuthority.shared.value
        await withServer(witness.server()) { server in
            let front = await TLSFront(authority, to: server)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                for url in [front.url, "HTTPS://127.0.0.1:\(front.port)/token?s3cret"] {
                    #expect(await transport.tries(url, trusting: authority) == "stands")
                }
                #expect(await eventually { server.accepted == 2 && server.open == 0 })
                #expect(witness.seen.allSatisfy { $0.hasPrefix("TLSv1.3 ") && $0.hasSuffix(" http/1.1, silent") })
                #expect(witness.seen.count == 2)
            }
        }
    }

    @Test("where HTTP/2 is offered it is agreed on, and no frame of a request is sent")
    func http2() async {
        let authority = await TestAuthority.shared.value
        let frames = Locked<[UInt8]?>(nil)
        let server = LoopbackServer { connection in
            guard connection.readTLSLine()?.hasSuffix(" h2") == true else { return }
            var types: [UInt8] = []
            // The preface and settings, at most: libcurl sends them as part of the connection.
            if connection.read(24) != nil {
                while let head = connection.read(9) {
                    types.append(head[3])
                    guard connection.read(Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])) != nil else { break }
                }
            }
            frames.withLock { [types] in $0 = types }
        }
        await withServer(server) { server in
            let front = await TLSFront(authority, to: server, alpn: ["h2"])
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                #expect(await transport.tries(front.url, trusting: authority) == "stands")
                #expect(await eventually { frames.withLock { $0 } != nil })
                // Neither DATA nor HEADERS (RFC 9113 §6).
                #expect(frames.withLock { $0 }?.contains { $0 <= 1 } == false)
                #expect(await eventually { server.accepted == 1 && server.open == 0 })
            }
        }
    }

    @Test("plain http is tried to loopback alone, and only where the options allow it")
    func plain() async {
        await withServer(witness.server(behindTLS: false)) { server in
            await withTransport(.patient(lookUp: neverLooksUp)) { transport in
                #expect(await transport.tries(server.url) == "stands")
                #expect(await eventually { witness.seen == ["plain, silent"] })
                let failure = await transport.connect(
                    to: server.url, options: TransportOptions(), timeout: .seconds(120))
                #expect(failure?.kind == .refused)
                for url in [
                    "http://provider.example/s3cret", "ftp://127.0.0.1/s3cret", "s3cret", "https://a@localhost/",
                ] {
                    #expect(await transport.tries(url) == "refused, not sent")
                }
                #expect(server.accepted == 1)
            }
        }
    }

    @Test("a port that refuses is a failure to connect")
    func refused() async {
        let port = RefusingPort()
        defer { withExtendedLifetime(port) {} }
        await withTransport { transport in
            let failure = await transport.connect(
                to: "https://localhost:\(port.number)/s3cret", options: TransportOptions(), timeout: .seconds(120))
            #expect(failure.summary == "connect, not sent")
            #expect(failure?.detail.contains("localhost:\(port.number)") == true)
            #expect(failure?.detail.contains("s3cret") == false)
        }
    }

    @Test("a certificate of another authority, or for another name, or expired, fails TLS")
    func wrongCertificate() async {
        let authority = await TestAuthority.shared.value
        let other = await authority.certificate(for: "DNS:provider.example")
        let expired = await authority.certificate(expired: true)
        await withServer(witness.server()) { server in
            await withTransport { transport in
                for (certificate, trusted) in [(authority.localhost, nil), (other, authority), (expired, authority)] {
                    let front = await TLSFront(authority, to: server, certificate: certificate)
                    defer { withExtendedLifetime(front) {} }
                    #expect(await transport.tries(front.url, trusting: trusted) == "tls, not sent")
                    #expect(await eventually { server.open == 0 })
                }
            }
        }
    }

    @Test("a server that does not speak TLS fails, and is left")
    func notTLS() async {
        let server = LoopbackServer { connection in
            connection.write("220 welcome\r\n")
            connection.waitForClose()
        }
        await withServer(server) { server in
            await withTransport { transport in
                #expect(await transport.tries("https://127.0.0.1:\(server.port)/") == "tls, not sent")
                #expect(await eventually { server.open == 0 })
            }
        }
    }

    @Test("a handshake that is never answered, and a connection never accepted, end with the time-out")
    func hanging() async {
        let full = FullListener()
        defer { withExtendedLifetime(full) {} }
        await withServer(LoopbackServer { $0.waitForClose() }) { server in
            await withTransport { transport in
                for port in [server.port, full.port] {
                    let url = "https://127.0.0.1:\(port)/"
                    #expect(await transport.tries(url, timeout: .milliseconds(150)) == "timeout, not sent")
                }
                #expect(await eventually { server.open == 0 })
            }
        }
    }

    @Test("a time-out of nothing ends it before it begins, and one longer than any clock is none")
    func timeouts() async {
        await withServer(witness.server(behindTLS: false)) { server in
            await withTransport { transport in
                for timeout in [Duration.zero, .seconds(-1)] {
                    #expect(await transport.tries(server.url, timeout: timeout) == "timeout, not sent")
                }
                #expect(server.accepted == 0)
                #expect(await transport.tries(server.url, timeout: .seconds(Int64.max)) == "stands")
            }
        }
    }

    @Test("a name is looked up like a request's: once for all who ask, anew where its addresses refused")
    func lookup() async {
        let asked = Locked<[String]>([])
        let configuration = CurlHTTPTransport.Configuration.patient { host in
            asked.withLock { $0.append(host) }
            return host.hasPrefix("lost") ? .failed(reason: "no such name") : .addresses(["127.0.0.1"])
        }
        let authority = await TestAuthority.shared.value
        let certificate = await authority.certificate(for: "DNS:found.example")
        await withServer(witness.server()) { server in
            let front = await TLSFront(authority, to: server, certificate: certificate)
            defer { withExtendedLifetime(front) {} }
            await withTransport(configuration) { transport in
                #expect(await transport.tries("https://lost.example/") == "resolve, not sent")
                for _ in 1...2 { #expect(await transport.tries("https://moved.example:1/") == "connect, not sent") }
                for _ in 1...2 {
                    let url = "https://found.example:\(front.port)/"
                    #expect(await transport.tries(url, trusting: authority) == "stands")
                }
                #expect(
                    asked.withLock { $0 } == ["lost.example", "moved.example", "moved.example", "found.example"])
            }
        }
    }

    @Test("through a proxy the tunnel and TLS within it are tried, and the proxy sees no path")
    func proxy() async throws {
        let authority = await TestAuthority.shared.value
        try await withServer(witness.server()) { server in
            let front = await TLSFront(
                authority, to: server, certificate: await authority.certificate(for: "DNS:provider.example"))
            defer { withExtendedLifetime(front) {} }
            try await withServer(LoopbackServer { serveTunnel($0, to: front.port) }) { proxy in
                try await withTransport(.patient(lookUp: neverLooksUp)) { transport in
                    let address = "http://127.0.0.1:\(proxy.port)"
                    let url = "https://provider.example/s3cret"
                    #expect(await transport.tries(url, trusting: authority, proxy: address) == "stands")
                    #expect(await eventually { witness.seen == ["TLSv1.3 False http/1.1, silent"] && proxy.open == 0 })
                    let seen = try #require(proxy.requests.first)
                    #expect(seen.line == "CONNECT provider.example:443 HTTP/1.1")
                    #expect(!seen.head.contains("s3cret"))
                    // The tunnel leads to a server that is not the one asked for.
                    let wrong = await transport.tries("https://other.example/", trusting: authority, proxy: address)
                    #expect(wrong == "tls, not sent")
                }
            }
        }
    }

    @Test("a proxy that refuses the tunnel, or is not there, is a failure to connect")
    func badProxy() async {
        let port = RefusingPort()
        defer { withExtendedLifetime(port) {} }
        await withServer(LoopbackServer { serveTunnel($0, to: 1, status: "502 Bad") }) { proxy in
            await withTransport(.patient(lookUp: neverLooksUp)) { transport in
                for port in [proxy.port, port.number] {
                    let address = "http://127.0.0.1:\(port)"
                    #expect(await transport.tries("https://provider.example/", proxy: address) == "connect, not sent")
                }
            }
        }
    }

    @Test("a kept connection proves nothing and is not used; nor does a request use the one that was tried")
    func alone() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                for _ in 1...3 {
                    #expect(await transport.send(.post(server.url)).summary == "200 ok")
                    #expect(await transport.tries(server.url) == "stands")
                }
                #expect(server.requests.map(\.connection) == [1, 1, 1])
                // A connection stands before the server has accepted it.
                #expect(await eventually { server.accepted == 4 && server.open == 1 })
            }
        }
    }

    @Test("two hundred at once, among as many requests, all stand, and none is left open")
    func many() async {
        let authority = await TestAuthority.shared.value
        let server = LoopbackServer { connection in
            guard connection.readTLSLine() != nil else { return }
            while connection.readRequest() != nil { connection.reply() }
        }
        await withServer(server) { server in
            let front = await TLSFront(authority, to: server)
            defer { withExtendedLifetime(front) {} }
            await withTransport { transport in
                await withTaskGroup(of: String.self) { group in
                    for number in 1...400 {
                        group.addTask {
                            if number.isMultiple(of: 2) {
                                return await transport.tries(front.url, trusting: authority)
                            }
                            let summary = await transport.send(.post(front.url).trusting(authority)).summary
                            return summary == "200 ok" ? "stands" : summary
                        }
                    }
                    for await summary in group { #expect(summary == "stands") }
                }
                #expect(server.requests.count == 200)
                #expect(await eventually { server.accepted >= 201 })
            }
            #expect(await eventually { server.open == 0 })
        }
    }

    @Test("it waits for a place among the connections to a host like a request, and no longer than its time-out")
    func waiting() async {
        var configuration = CurlHTTPTransport.Configuration.patient()
        configuration.maximumConnectionsPerHost = 1
        let gate = Gate()
        let server = LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            gate.wait()
            connection.reply()
        }
        await withServer(server) { server in
            await withTransport(configuration) { transport in
                async let first = transport.send(.post(server.url))
                #expect(await eventually { server.requests.count == 1 })
                #expect(await transport.tries(server.url, timeout: .milliseconds(150)) == "timeout, not sent")
                async let second = transport.tries(server.url)
                gate.open()
                #expect(await first.summary == "200 ok")
                #expect(await second == "stands")
            }
        }
    }

    @Test("cancelled during the handshake, or before it began, it ends and leaves nothing open")
    func cancelled() async {
        await withServer(LoopbackServer { $0.waitForClose() }) { server in
            await withTransport { transport in
                let task = Task { await transport.tries("https://127.0.0.1:\(server.port)/") }
                #expect(await eventually { server.open == 1 })
                task.cancel()
                #expect(await task.value == "cancelled, not sent")
                #expect(await eventually { server.open == 0 })

                let gate = Gate()
                let late = Task {
                    await onThread { gate.wait() }
                    return await transport.tries("https://127.0.0.1:\(server.port)/")
                }
                late.cancel()
                gate.open()
                #expect(await late.value == "cancelled, not sent")
                #expect(server.accepted == 1)
            }
        }
    }

    @Test("whenever it is cancelled, it ends once")
    func anytime() async {
        await withServer(witness.server(behindTLS: false)) { server in
            await withTransport { transport in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            let task = Task { await transport.tries(server.url) }
                            // Some are cancelled before they begin, some in the middle, some when they have ended.
                            for _ in 0..<(number * 4) { await Task.yield() }
                            task.cancel()
                            #expect(["stands", "cancelled, not sent"].contains(await task.value))
                        }
                    }
                }
                #expect(await transport.tries(server.url) == "stands")
                #expect(await eventually { server.open == 0 })
            }
        }
    }

    @Test("a shutdown ends it, and afterwards none is tried")
    func shutDown() async {
        await withServer(LoopbackServer { $0.waitForClose() }) { server in
            let transport = CurlHTTPTransport(configuration: .patient())
            let url = "https://127.0.0.1:\(server.port)/"
            async let summary = transport.tries(url)
            #expect(await eventually { server.open == 1 })
            await transport.shutDown()
            #expect(await summary == "shut_down, not sent")
            #expect(await transport.tries(url) == "shut_down, not sent")
            #expect(server.accepted == 1)
            #expect(await eventually { server.open == 0 })
        }
    }

    @Test("after many were tried no descriptor is left over, while the transport still runs")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            let server = LoopbackServer { $0.waitForClose() }
            let transport = CurlHTTPTransport(configuration: .patient())
            for _ in 1...3 {
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            let task = Task { _ = await transport.tries(server.url) }
                            if number.isMultiple(of: 3) { task.cancel() }
                            await task.value
                        }
                    }
                }
                // A watch's duplicate is closed a moment later, on the queue.
                let isClosed = await eventually { openDescriptors().allSatisfy { peerPort(of: $0) != server.port } }
                if !isClosed { exit(1) }
            }
            exit(0)
        }
    }
}

extension CurlHTTPTransport {
    /// Tries a connection, over plain http too: `stands`, or the failure as of a request.
    fileprivate func tries(
        _ url: String, trusting authority: TestAuthority? = nil, proxy: String? = nil, timeout: Duration = .seconds(120)
    ) async -> String {
        let options = TransportOptions(caFile: authority?.caFile, proxy: proxy, allowsHTTPLoopback: true)
        return await connect(to: url, options: options, timeout: timeout).summary
    }
}

extension TransportFailure? {
    /// `stands` where there is none.
    fileprivate var summary: String { map { Result<HTTPReply, TransportFailure>.failure($0).summary } ?? "stands" }
}
