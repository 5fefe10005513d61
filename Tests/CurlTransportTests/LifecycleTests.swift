import CurlTransport
import Glibc
import TestSupport
import Testing
import ToolAuthCore

/// Cancelling and shutting down.
@Suite(.timeLimit(.minutes(5)))
struct LifecycleTests {
    /// Sends in a task, and cancels it once `isReady`.
    private func cancelled(
        _ request: HTTPRequest, on transport: CurlHTTPTransport, once isReady: () -> Bool
    ) async -> String {
        let task = Task { await transport.send(request).summary }
        #expect(await eventually(isReady))
        task.cancel()
        return await task.value
    }

    @Test("a task that is cancelled already sends nothing")
    func before() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                let gate = Gate()
                let task = Task {
                    await onThread { gate.wait() }
                    return await transport.send(.post(server.url)).summary
                }
                task.cancel()
                gate.open()
                #expect(await task.value == "cancelled, not sent")
                #expect(server.accepted == 0)
            }
        }
    }

    @Test("cancelling during the lookup ends the transfer, and nothing was sent")
    func duringLookup() async {
        let gate = Gate()
        let asked = Gate()
        let configuration = CurlHTTPTransport.Configuration.patient() { _ in
            asked.open()
            gate.wait()
            return .addresses(["127.0.0.1"])
        }
        defer { gate.open() }
        await withTransport(configuration) { transport in
            let summary = await cancelled(.post("https://hang.example/"), on: transport) { asked.isNowOpen }
            #expect(summary == "cancelled, not sent")
        }
    }

    @Test("cancelling during the connection ends the transfer, and nothing was sent")
    func duringConnect() async {
        let full = FullListener()
        defer { withExtendedLifetime(full) {} }
        await withTransport { transport in
            let request = HTTPRequest.post("http://127.0.0.1:\(full.port)/").timingOut(after: .seconds(120))
            #expect(await cancelled(request, on: transport) { true } == "cancelled, not sent")
        }
    }

    @Test("cancelling during the TLS handshake ends the transfer, and nothing was sent")
    func duringHandshake() async {
        await withServer(LoopbackServer { $0.waitForClose() }) { server in
            await withTransport { transport in
                let request = HTTPRequest.post("https://127.0.0.1:\(server.port)/").timingOut(after: .seconds(120))
                #expect(await cancelled(request, on: transport) { server.open == 1 } == "cancelled, not sent")
                #expect(await eventually { server.open == 0 })
            }
        }
    }

    @Test("cancelling during the reply ends the transfer, and the request may have been sent")
    func duringReply() async {
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx")
            connection.waitForClose()
        }
        await withServer(server) { server in
            await withTransport { transport in
                let summary = await cancelled(.post(server.url), on: transport) { server.requests.count == 1 }
                #expect(summary == "cancelled, may have been sent")
                #expect(await eventually { server.open == 0 })
            }
        }
    }

    @Test("whenever it is cancelled, a transfer ends once, as a reply or as cancelled")
    func anytime() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask {
                            let task = Task { await transport.send(.post(server.url)) }
                            // Some are cancelled before they begin, some in the middle, some when they have ended.
                            for _ in 0..<(number * 4) { await Task.yield() }
                            task.cancel()
                            let result = await task.value
                            #expect(result.reply != nil || result.failure?.kind == .cancelled)
                        }
                    }
                }
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
            }
        }
    }

    @Test("shutting down ends every transfer, whatever it waits for, and says whether it may have been sent")
    func shutDown() async {
        let gate = Gate()
        let asked = Gate()
        let configuration = CurlHTTPTransport.Configuration.patient() { _ in
            asked.open()
            gate.wait()
            return .failed(reason: "too late")
        }
        defer { gate.open() }
        let full = FullListener()
        defer { withExtendedLifetime(full) {} }
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.waitForClose()
        }
        await withServer(server) { server in
            let transport = CurlHTTPTransport(configuration: configuration)
            async let replying = transport.send(.post(server.url))
            async let connecting = transport.send(.post("http://127.0.0.1:\(full.port)/"))
            async let lookingUp = transport.send(.post("https://hang.example/"))
            #expect(await eventually { server.requests.count == 1 && asked.isNowOpen })
            async let again: Void = transport.shutDown()
            await transport.shutDown()
            await again
            #expect(await replying.summary == "shut_down, may have been sent")
            #expect(await connecting.summary == "shut_down, not sent")
            #expect(await lookingUp.summary == "shut_down, not sent")
            #expect(await eventually { server.open == 0 })
        }
    }

    @Test("nothing is sent after the shutdown, and a second shutdown returns")
    func afterShutDown() async {
        await withServer(LoopbackServer()) { server in
            let transport = CurlHTTPTransport(configuration: .patient())
            #expect(await transport.send(.post(server.url)).summary == "200 ok")
            await transport.shutDown()
            #expect(await transport.send(.post(server.url)).summary == "shut_down, not sent")
            await transport.shutDown()
            #expect(server.requests.count == 1)
        }
    }

    @Test("a transport that is dropped closes its connections")
    func dropped() async {
        await withServer(LoopbackServer()) { server in
            let summary = await CurlHTTPTransport(configuration: .patient()).send(.post(server.url)).summary
            #expect(summary == "200 ok")
            #expect(await eventually { server.open == 0 })
        }
    }

    @Test("after transports were used and shut down no file descriptor is left over")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            let server = LoopbackServer()
            /// Uses a transport in many ways, and returns how many of its connections are open after the shutdown.
            func round() async -> Int {
                let transport = CurlHTTPTransport(configuration: .patient())
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<40 {
                        group.addTask {
                            var request = HTTPRequest.post(server.url)
                            request.needsFreshConnection = number.isMultiple(of: 2)
                            let task = Task { _ = await transport.send(request) }
                            if number.isMultiple(of: 3) { task.cancel() }
                            await task.value
                        }
                    }
                }
                _ = await transport.send(.post(server.url))
                await transport.shutDown()
                return openDescriptors().count { peerPort(of: $0) == server.port }
            }
            for _ in 1...3 where await round() != 0 { exit(1) }
            // Nothing is open now but what Dispatch and the server keep for good, and what the server has yet to close.
            var fewest = Int.max
            for _ in 1...200 {
                fewest = min(fewest, openDescriptors().count)
                usleep(1000)
            }
            for _ in 1...10 where await round() != 0 { exit(2) }
            guard await eventually({ openDescriptors().count < fewest + 10 }) else { exit(3) }
            exit(0)
        }
    }
}
