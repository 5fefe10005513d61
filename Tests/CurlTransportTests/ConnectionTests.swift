import CurlTransport
import Glibc
import TestSupport
import Testing
import ToolAuthCore

/// Which connections are made, kept and used again.
@Suite(.timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test("requests after each other share a connection")
    func reuse() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                for _ in 1...5 { #expect(await transport.send(.post(server.url)).summary == "200 ok") }
                #expect(server.accepted == 1)
                #expect(server.requests.count == 5)
            }
        }
    }

    @Test("a request that needs a fresh connection gets one of its own, which nobody uses after it")
    func fresh() async {
        await withServer(LoopbackServer()) { server in
            await withTransport { transport in
                var request = HTTPRequest.post(server.url)
                for needsFresh in [false, true, true, false] {
                    request.needsFreshConnection = needsFresh
                    #expect(await transport.send(request).summary == "200 ok")
                }
                #expect(server.requests.map(\.connection) == [1, 2, 3, 1])
                #expect(await eventually { server.open == 1 })
            }
        }
    }

    @Test("a connection idle for longer than its age is not used again, and all are closed when no transfer comes")
    func age() async {
        var configuration = CurlHTTPTransport.Configuration.patient()
        configuration.idleConnectionAge = .seconds(1)
        await withServer(LoopbackServer()) { server in
            await withTransport(configuration) { transport in
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                #expect(await eventually { server.open == 0 })
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                #expect(server.requests.map(\.connection) == [1, 2])
            }
        }
    }

    @Test("the age of an idle connection is five seconds unless configured")
    func defaultAge() {
        #expect(CurlHTTPTransport.Configuration(userAgent: "test").idleConnectionAge == .seconds(5))
    }

    @Test("two hundred transfers at once all get their own reply, over no more connections than allowed")
    func many() async {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() { connection.reply("for \(request.body)") }
        }
        var configuration = CurlHTTPTransport.Configuration.patient()
        configuration.maximumConnectionsPerHost = 20
        await withServer(server) { server in
            await withTransport(configuration) { transport in
                await withTaskGroup(of: Bool.self) { group in
                    for number in 1...200 {
                        group.addTask {
                            let result = await transport.send(.post(server.url, "alice \(number)"))
                            return result.summary == "200 for alice \(number)"
                        }
                    }
                    for await isRight in group { #expect(isRight) }
                }
                #expect(server.requests.count == 200)
                #expect(server.peak <= 20)
            }
        }
    }

    @Test("as many transfers as documents may allow a provider run at once: none waits for another's connection")
    func allAtOnce() async {
        let gate = Gate()
        let server = LoopbackServer { connection in
            guard connection.readRequest() != nil else { return }
            gate.wait()
            connection.reply()
        }
        let count = RefreshPolicy.concurrencyRange.upperBound
        await withServer(server) { server in
            await withTransport { transport in
                await withTaskGroup(of: String.self) { group in
                    for _ in 1...count { group.addTask { await transport.send(.post(server.url)).summary } }
                    #expect(await eventually { server.requests.count == count })
                    gate.open()
                    for await summary in group { #expect(summary == "200 ok") }
                }
            }
        }
    }

    @Test("a refused connection is a failure to connect, and nothing was sent")
    func refused() async {
        let port = RefusingPort()
        defer { withExtendedLifetime(port) {} }
        await withTransport { transport in
            let result = await transport.send(.post("http://127.0.0.1:\(port.number)/"))
            #expect(result.summary == "connect, not sent")
            #expect(result.failure?.detail.contains("127.0.0.1:\(port.number)") == true)
        }
    }

    @Test("no descriptor of a connection is inherited by programs that are started meanwhile")
    func notInherited() async {
        let server = LoopbackServer { connection in
            connection.readRequest()
            connection.waitForClose()
        }
        // Those of Dispatch, and of SwiftNIO where its tests ran before, are not ours.
        let others = Set(openDescriptors().filter { kind(of: $0) == "anon_inode:[eventpoll]" })
        await withServer(server) { server in
            await withTransport { transport in
                let task = Task { await transport.send(.post(server.url)) }
                #expect(await eventually { server.requests.count == 1 })
                let ours = openDescriptors().filter { peerPort(of: $0) == server.port }
                let watches = openDescriptors().filter {
                    kind(of: $0) == "anon_inode:[eventpoll]" && !others.contains($0)
                }
                #expect(!ours.isEmpty && !watches.isEmpty)
                #expect((ours + watches).allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
                task.cancel()
                _ = await task.value
            }
        }
    }

    @Test("a transport that gets no descriptor to watch with fails the transfer instead of hanging, and works later")
    func noDescriptor() async {
        await #expect(processExitsWith: .success) {
            let server = LoopbackServer()
            // Dispatch has opened afterwards what it needs for good.
            let other = CurlHTTPTransport(configuration: .patient())
            guard await other.send(.post(server.url)).summary == "200 ok" else { exit(2) }
            await other.shutDown()
            let transport = CurlHTTPTransport(configuration: .patient())
            var limit = rlimit(rlim_cur: 256, rlim_max: 256)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var used: [Int32] = []
            // More than once, since a descriptor may just then be closed elsewhere.
            for _ in 1...20 {
                while case let descriptor = dup(0), descriptor >= 0 { used.append(descriptor) }
                usleep(1000)
            }
            guard await transport.send(.post(server.url)).summary == "other, not sent" else { exit(3) }
            for descriptor in used { close(descriptor) }
            guard await transport.send(.post(server.url)).summary == "200 ok" else { exit(4) }
            exit(0)
        }
    }

    /// What the kernel says a descriptor is.
    private func kind(of descriptor: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        let length = readlink("/proc/self/fd/\(descriptor)", &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
