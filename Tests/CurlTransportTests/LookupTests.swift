import CurlTransport
import Glibc
import TestSupport
import Testing
import ToolAuthCore

/// Host names are looked up aside, a bounded number at once, and a lookup that hangs holds up nobody else.
@Suite(.timeLimit(.minutes(5)))
struct LookupTests {
    /// Answers by name: `hang…` only when the gate opens, `lost…` with an error, all else with loopback.
    private final class Names: Sendable {
        struct Counts: Sendable, Equatable {
            var asked: [String] = []
            var running = 0
            var peak = 0
        }

        let gate = Gate()
        private let state = Locked(Counts())
        var counts: Counts { state.withLock { $0 } }

        func configuration(limit: Int = 16) -> CurlHTTPTransport.Configuration {
            var configuration = CurlHTTPTransport.Configuration.patient() { [self] host in
                state.withLock { state in
                    state.asked.append(host)
                    state.running += 1
                    state.peak = max(state.peak, state.running)
                }
                defer { state.withLock { $0.running -= 1 } }
                if host.hasPrefix("hang") { gate.wait() }
                return host.hasPrefix("lost") ? .failed(reason: "no such name") : .addresses(["127.0.0.1"])
            }
            configuration.maximumLookups = limit
            return configuration
        }
    }

    @Test("a name is looked up once for all who ask at the same time and soon after, and TLS still checks the name")
    func shared() async {
        let names = Names()
        let authority = await TestAuthority.shared.value
        let certificate = await authority.certificate(for: "DNS:hang.example")
        let server = LoopbackServer { connection in
            guard connection.readTLSLine() != nil else { return }
            while connection.readRequest() != nil { connection.reply() }
        }
        await withServer(server) { server in
            let front = await TLSFront(authority, to: server, certificate: certificate)
            defer { withExtendedLifetime(front) {} }
            await withTransport(names.configuration()) { transport in
                let request = HTTPRequest.post("https://HANG.example:\(front.port)/").trusting(authority)
                await withTaskGroup(of: String.self) { group in
                    for _ in 1...5 { group.addTask { await transport.send(request).summary } }
                    #expect(await eventually { names.counts.running == 1 })
                    names.gate.open()
                    for await summary in group { #expect(summary == "200 ok") }
                }
                #expect(await transport.send(request).summary == "200 ok")
                #expect(names.counts.asked == ["hang.example"])
                #expect(server.requests.first?.values("host") == ["HANG.example:\(front.port)"])

                let wrong = HTTPRequest.post("https://other.example:\(front.port)/").trusting(authority)
                #expect(await transport.send(wrong).summary == "tls, not sent")
            }
        }
    }

    @Test("a lookup that hangs ends with the connect time-out, without holding up other transfers or the shutdown")
    func hanging() async {
        let names = Names()
        defer { names.gate.open() }
        await withServer(LoopbackServer()) { server in
            await withTransport(names.configuration()) { transport in
                let hanging = HTTPRequest.post("https://hang.example/").timingOut(
                    after: .seconds(120), connect: .milliseconds(200))
                async let first = transport.send(hanging)
                #expect(await eventually { names.counts.running == 1 })
                for _ in 1...5 { #expect(await transport.send(.post(server.url)).summary == "200 ok") }
                #expect(await first.summary == "timeout, not sent")
                #expect(await transport.send(.post(server.url)).summary == "200 ok")
                // The lookup still runs; a second transfer waits for it instead of starting another.
                #expect(await transport.send(hanging).summary == "timeout, not sent")
                #expect(names.counts.asked == ["hang.example"])
            }
            #expect(names.counts.running == 1)
        }
    }

    @Test("no more names are looked up at once than allowed, and those that wait get their turn")
    func bounded() async {
        let names = Names()
        await withTransport(names.configuration(limit: 3)) { transport in
            await withTaskGroup(of: String.self) { group in
                for number in 1...10 {
                    group.addTask { await transport.send(.post("https://hang\(number).example:1/")).summary }
                }
                #expect(await eventually { names.counts.running == 3 })
                names.gate.open()
                // Port 1 refuses: the names were found.
                for await summary in group { #expect(summary == "connect, not sent") }
            }
            #expect(names.counts.peak == 3)
            #expect(names.counts.asked.count == 10)
        }
    }

    @Test("a name that is not found is a failure to resolve, and is asked for again the next time")
    func notFound() async {
        let names = Names()
        await withTransport(names.configuration()) { transport in
            for _ in 1...2 {
                let result = await transport.send(.post("https://lost.example/"))
                #expect(result.summary == "resolve, not sent")
                #expect(result.failure?.detail == "could not resolve the host of lost.example:443: no such name")
            }
            #expect(names.counts.asked.count == 2)
        }
    }

    @Test("addresses that refuse are looked up anew the next time")
    func forgotten() async {
        let names = Names()
        await withTransport(names.configuration()) { transport in
            for _ in 1...2 {
                #expect(await transport.send(.post("https://moved.example:1/")).summary == "connect, not sent")
            }
            #expect(names.counts.asked.count == 2)
        }
    }

    @Test("addresses and localhost are not looked up", arguments: ["127.0.0.1", "localhost", "[::1]"])
    func noLookup(_ host: String) async {
        let port = RefusingPort()
        defer { withExtendedLifetime(port) {} }
        await withTransport(.patient(lookUp: neverLooksUp)) { transport in
            #expect(await transport.send(.post("https://\(host):\(port.number)/")).summary == "connect, not sent")
        }
    }

    @Test("every address of a name is tried")
    func allAddresses() async {
        let configuration = CurlHTTPTransport.Configuration.patient() { _ in
            .addresses(["127.0.0.9", "::1", "127.0.0.1"])
        }
        let authority = await TestAuthority.shared.value
        let server = LoopbackServer { connection in
            guard connection.readTLSLine() != nil, connection.readRequest() != nil else { return }
            connection.reply()
        }
        await withServer(server) { server in
            let certificate = await authority.certificate(for: "DNS:three.example")
            let front = await TLSFront(authority, to: server, certificate: certificate)
            defer { withExtendedLifetime(front) {} }
            await withTransport(configuration) { transport in
                let request = HTTPRequest.post("https://three.example:\(front.port)/").trusting(authority)
                #expect(await transport.send(request).summary == "200 ok")
            }
        }
    }

    @Test("the system's lookup knows localhost, and says why it does not know another name")
    func system() {
        let lookUp = CurlHTTPTransport.Configuration.patient().lookUp
        guard case .addresses(let addresses) = lookUp("localhost") else {
            Issue.record("localhost was not found")
            return
        }
        #expect(addresses.contains("127.0.0.1") || addresses.contains("::1"))
        #expect(Set(addresses).count == addresses.count)
        guard case .failed(let reason) = lookUp("no-such-name.invalid") else {
            Issue.record("a name under .invalid was found")
            return
        }
        #expect(!reason.isEmpty)
    }
}
