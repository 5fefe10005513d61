import Telemetry
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The express lane")
struct ExpressLaneTests {
    private static let path = "/v1/tools/github/users/alice/token"
    private static let token = request("GET", path)

    private func service(isAtHand: Bool = true) -> FakeService {
        let service = FakeService()
        service.set { $0.isAtHand = isAtHand }
        return service
    }

    @Test("answers as the ordinary way does, byte for byte")
    func same() async throws {
        for accept in ["*/*", "text/plain"] {
            var answers: [[UInt8]] = []
            for isAtHand in [true, false] {
                let received = Locked<[UInt8]>([])
                let service = service(isAtHand: isAtHand)
                try await withServer(service) { server in
                    let client = try server.connect()
                    try await client.send(request("GET", Self.path, "Accept: \(accept)"))
                    let answer = try #require(try await client.readAnswer())
                    let fields = answer.fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                    received.withLock { $0 = Array("\(answer.status) \(fields) ".utf8) + answer.body }
                }
                #expect(service.calls.first?.hasPrefix(isAtHand ? "at hand" : "token") == true)
                answers.append(received.withLock { $0 })
            }
            #expect(answers[0] == answers[1])
        }
    }

    @Test("takes note of each token, with who got it")
    func audited() async throws {
        let uses = Locked<[TokenUse]>([])
        try await withServer(service(), audit: { use in uses.withLock { $0.append(use) } }) { server in
            let client = try server.connect()
            for _ in 0..<3 { #expect(try await client.ask(Self.token).status == 200) }
            try await eventually("they are noted") { uses.withLock { $0.count } == 3 }
        }
        #expect(uses.withLock { $0.allSatisfy { $0.rule == "root" && $0.key == Sample.key && $0.generation == 12 } })
    }

    @Test("hands a connection on at any moment, and nothing is lost or said twice")
    func handedOn() async throws {
        let service = service()
        var limits = APILimits()
        // Nobody is handed on for being quiet.
        limits.expressPatience = .seconds(3600)
        try await withServer(service, limits: limits) { server in
            // Another request between two for tokens.
            let mixed = try server.connect()
            #expect(try await mixed.ask(Self.token).status == 200)
            #expect(try await mixed.ask(request("GET", "/healthz")).status == 200)
            #expect(try await mixed.ask(Self.token).status == 200)
            // Several at once.
            let pipelined = try server.connect()
            try await pipelined.send(Self.token + Self.token + request("GET", "/healthz") + Self.token)
            for _ in 0..<4 { #expect(try await pipelined.readAnswer()?.status == 200) }
            // In pieces.
            let slow = try server.connect()
            #expect(try await slow.ask(Self.token).status == 200)
            for byte in Self.token.utf8 {
                try await slow.send([byte])
                await Task.yield()
            }
            #expect(try await slow.readAnswer()?.status == 200)
        }
        #expect(service.calls.filter { $0.hasPrefix("at hand") || $0.hasPrefix("token") }.count == 7)
    }

    @Test("hands on who is quiet, and he is answered as ever")
    func quiet() async throws {
        let accepted = Locked(0)
        let count: @Sendable (CInt) -> Peer? = { descriptor in
            accepted.withLock { $0 += 1 }
            return root(descriptor)
        }
        let service = service()
        var limits = APILimits()
        limits.expressPatience = .zero
        try await withServer(service, limits: limits, identify: count) { server in
            let client = try server.connect()
            try await eventually("it is accepted") { accepted.withLock { $0 } == 1 }
            // Each is answered before a look at the connections: between the two there was one.
            for _ in 0..<2 { try await server.server.probe() }
            #expect(try await client.ask(Self.token).status == 200)
        }
        #expect(service.calls.count == 1)
    }

    @Test("leaves refusals to the ordinary way")
    func refused() async throws {
        let rule = AccessRule(name: "some", match: PeerMatch(), actions: [.token], scope: .all)
        let none = AccessRule(name: "none", match: PeerMatch(), actions: [.read], scope: .all)
        for (rule, status) in [(rule, 200), (none, 403)] {
            let service = service()
            try await withServer(service, clients: [rule]) { server in
                let answer = try await server.ask(Self.token)
                #expect(answer.status == status)
                let malformed = try await server.ask(request("GET", Self.path + "?wait=x"))
                #expect(malformed.status == (status == 200 ? 400 : 403))
            }
            #expect(service.calls.count == (status == 200 ? 1 : 0))
        }
    }

    @Test("keeps count of connections: none is let in beyond the limit, and each place is given back")
    func counted() async throws {
        var limits = APILimits()
        limits.maxConnections = 2
        limits.maxConnectionsPerPeer = 2
        try await withServer(service(), limits: limits) { server in
            for _ in 0..<20 {
                let (first, second) = (try server.connect(), try server.connect())
                for client in [first, second] {
                    var answer = try await client.ask(Self.token)
                    // The places of the round before are given back when the server sees that they are closed.
                    let deadline = ContinuousClock.now + .seconds(10)
                    while answer.status == 503, ContinuousClock.now < deadline {
                        answer = try await server.ask(Self.token)
                    }
                    #expect(answer.status == 200)
                }
            }
            try await eventually("both places are free") {
                let (first, second) = (try server.connect(), try server.connect())
                let statuses = [try await first.ask(Self.token).status, try await second.ask(Self.token).status]
                let third = try await server.ask(Self.token).status
                return statuses == [200, 200] && third == 503
            }
        }
    }

    @Test("at a shutdown, whoever is in it gets to ask, and then the connection ends")
    func shutdown() async throws {
        try await withServer(service()) { server in
            let client = try server.connect()
            #expect(try await client.ask(Self.token).status == 200)
            await server.beginShutdown()
            // Answered before: the connection ends by itself.
            #expect(try await client.readAnswer() == nil)
        }
        try await withServer(service()) { server in
            let client = try server.connect()
            await server.beginShutdown()
            if let answer = try? await client.ask(Self.token) {
                #expect(answer.status == 200)
            }
            #expect(try await client.readAnswer() == nil)
        }
    }

    @Test("many at once are all answered")
    func many() async throws {
        try await withServer(service()) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<300 {
                    group.addTask {
                        let client = try server.connect()
                        for _ in 0..<5 {
                            let answer = try await client.ask(Self.token)
                            #expect(answer.status == 200)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
