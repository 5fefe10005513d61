import OAuth
import TestSupport
import Testing
import ToolAuthCore

private let issuer = "https://example.com/a"
private let oauth = "https://example.com/.well-known/oauth-authorization-server/a"
private let openIDInserted = "https://example.com/.well-known/openid-configuration/a"
private let openIDAppended = "https://example.com/a/.well-known/openid-configuration"

private func document(_ token: String = "https://example.com/token", of issuer: String = issuer)
    -> RoutingTransport.Reply
{
    Fixture.success(200, #"{"issuer":"\#(issuer)","token_endpoint":"\#(token)"}"#)
}

private let unreachable = RoutingTransport.Reply.failure(
    TransportFailure(.connect, mayHaveBeenSent: false, detail: "connection refused"))

/// A discovery over scripted places, and the clock it reads.
private struct World {
    let transport = RoutingTransport()
    let clock = ManualWallClock(Fixture.now)
    let discovery: Discovery

    init() {
        discovery = Discovery(transport: transport, clock: clock)
    }

    func read(_ asked: String = issuer, _ options: TransportOptions = TransportOptions()) async throws(DiscoveryFailure)
        -> ServerMetadata
    {
        try await discovery.metadata(of: asked, options: options)
    }

    func failure() async -> DiscoveryFailure? {
        do throws(DiscoveryFailure) {
            _ = try await read()
            return nil
        } catch {
            return error
        }
    }
}

@Suite("Discovery: asking")
struct DiscoveryAskingTests {
    @Test("the places are asked in their order, and what is not there, or is of no use, is passed over")
    func order() async throws {
        let useless: [RoutingTransport.Reply] = [
            Fixture.success(404), Fixture.success(403), Fixture.success(302), Fixture.success(204),
            Fixture.success(200, "<html>"), document(of: "https://evil.example"),
        ]
        for reply in useless {
            let world = World()
            world.transport[oauth] = reply
            world.transport[openIDAppended] = document()
            #expect(try await world.read().tokenEndpoint == "https://example.com/token")
            #expect(world.transport.urls == [oauth, openIDInserted, openIDAppended])
        }
    }

    @Test("of more issuers than are remembered the one read longest ago is asked again")
    func bounded() async throws {
        let world = World()
        func tenant(_ number: Int) -> String { "https://\(number).example.com" }
        func ask(_ number: Int) async throws {
            _ = try await world.read(tenant(number))
            world.clock.advance(by: .milliseconds(1))
        }
        for number in 0...Discovery.mostIssuers {
            world.transport["\(tenant(number))/.well-known/oauth-authorization-server"] = document(of: tenant(number))
        }
        for number in 0...Discovery.mostIssuers { try await ask(number) }
        let asked = world.transport.sent.count
        try await ask(Discovery.mostIssuers)
        #expect(world.transport.sent.count == asked)
        try await ask(0)
        #expect(world.transport.sent.count == asked + 1)
    }

    @Test("the first place that has it is the last one asked")
    func first() async throws {
        let world = World()
        world.transport[oauth] = document()
        _ = try await world.read()
        let request = try #require(world.transport.sent.first)
        #expect(world.transport.urls == [oauth])
        #expect(request.method == .get)
        #expect(request.header("Accept") == "application/json")
        #expect(request.header("Authorization") == nil)
        #expect(request.body == nil)
        #expect(request.timeout == .seconds(10))
    }

    @Test("a server that is out of reach, or ill, is not asked at its other places")
    func stops() async {
        let ends: [(RoutingTransport.Reply, String)] = [
            (unreachable, "cannot be reached: connection refused"),
            (Fixture.success(500), "is answered with status 500"),
            (Fixture.success(503), "is answered with status 503"),
            (Fixture.success(429), "is answered with status 429"),
        ]
        for (reply, detail) in ends {
            let world = World()
            world.transport[oauth] = reply
            world.transport[openIDAppended] = document()
            #expect(await world.failure() == DiscoveryFailure(detail, .unreachable))
            #expect(world.transport.urls == [oauth])
        }
    }

    @Test("an issuer that has none anywhere is told by the first place's answer")
    func nowhere() async {
        let world = World()
        world.transport[oauth] = Fixture.success(403)
        #expect(await world.failure() == DiscoveryFailure("is answered with status 403"))
        #expect(world.transport.urls.count == 3)
    }

    @Test("metadata of another issuer is not used")
    func otherIssuer() async {
        let world = World()
        for place in [oauth, openIDInserted, openIDAppended] { world.transport[place] = document(of: issuer + "/") }
        #expect(await world.failure()?.detail == "is of the issuer '\(issuer)/', not of \(issuer)")
    }

    @Test("what is no issuer is asked nowhere")
    func noIssuer() async {
        let world = World()
        await #expect(throws: DiscoveryFailure.self) { try await world.read("https://example.com?x") }
        #expect(world.transport.urls == [])
    }

    @Test("whoever asks at once shares one request")
    func shared() async throws {
        let world = World()
        world.transport[oauth] = document()
        world.transport.shut()
        try await withThrowingTaskGroup(of: ServerMetadata.self) { group in
            for _ in 0..<20 { group.addTask { try await world.read() } }
            #expect(await eventually { !world.transport.urls.isEmpty })
            // All the others have come by now, or will find what was read.
            world.transport.open()
            for try await metadata in group { #expect(metadata.tokenEndpoint != nil) }
        }
        #expect(world.transport.urls == [oauth])
    }

    @Test("a failure is shared too")
    func sharedFailure() async {
        let world = World()
        world.transport[oauth] = unreachable
        world.transport.shut()
        await withTaskGroup(of: DiscoveryFailure?.self) { group in
            for _ in 0..<20 { group.addTask { await world.failure() } }
            #expect(await eventually { !world.transport.urls.isEmpty })
            world.transport.open()
            for await failure in group { #expect(failure?.isUnreachable == true) }
        }
        #expect(world.transport.urls == [oauth])
    }

    @Test("other ways to the server are asked for themselves")
    func options() async throws {
        let world = World()
        world.transport[oauth] = document()
        for options in [TransportOptions(), TransportOptions(proxy: "http://proxy.example.com"), TransportOptions()] {
            _ = try await world.read(issuer, options)
        }
        #expect(world.transport.sent.map(\.options.proxy) == [nil, "http://proxy.example.com"])
    }
}

@Suite("Discovery: remembering")
struct DiscoveryMemoryTests {
    private func world(_ headers: [(name: String, value: String)] = []) async throws -> World {
        let world = World()
        world.transport[oauth] = Fixture.success(
            200, #"{"issuer":"\#(issuer)","token_endpoint":"https://example.com/1"}"#, headers)
        _ = try await world.read()
        world.transport[oauth] = document("https://example.com/2")
        return world
    }

    @Test("what is fresh is not asked for again, and what is not is", arguments: [(3599, 1), (3600, 2)])
    func fresh(seconds: Int, requests: Int) async throws {
        let world = try await world()
        world.clock.advance(by: .seconds(seconds))
        #expect(try await world.read().tokenEndpoint == "https://example.com/\(requests)")
        #expect(world.transport.urls.count == requests)
    }

    @Test("the server says how long", arguments: [(899, 1), (900, 2)])
    func maximumAge(seconds: Int, requests: Int) async throws {
        let world = try await world([("Cache-Control", "max-age=900")])
        world.clock.advance(by: .seconds(seconds))
        _ = try await world.read()
        #expect(world.transport.urls.count == requests)
    }

    @Test("what was read in the future, by a clock that was set back, is read again")
    func clockSetBack() async throws {
        let world = try await world()
        world.clock.advance(by: .seconds(-60))
        #expect(try await world.read().tokenEndpoint == "https://example.com/2")
    }

    @Test("what was read stays in use while the issuer cannot be reached, or is another's")
    func kept() async throws {
        for reply in [unreachable, Fixture.success(500), Fixture.success(404), document(of: "https://evil.example")] {
            let world = try await world()
            world.transport[oauth] = reply
            world.clock.advance(by: .seconds(86_400))
            #expect(try await world.read().tokenEndpoint == "https://example.com/1")
            let asked = world.transport.urls.count
            #expect(asked > 1)
            // Not asked again for each grant that is refreshed now.
            world.clock.advance(by: .seconds(9))
            #expect(try await world.read().tokenEndpoint == "https://example.com/1")
            #expect(world.transport.urls.count == asked)
            world.transport[oauth] = document("https://example.com/2")
            world.clock.advance(by: .seconds(1))
            #expect(try await world.read().tokenEndpoint == "https://example.com/2")
        }
    }

    @Test("a failure is not looked into again within ten seconds", arguments: [(9, 1), (10, 2)])
    func failed(seconds: Int, requests: Int) async {
        let world = World()
        world.transport[oauth] = unreachable
        let first = await world.failure()
        world.clock.advance(by: .seconds(seconds))
        #expect(await world.failure() == first)
        #expect(world.transport.urls.count == requests)
    }

    @Test("a failure of before the clock was set back does not last till then")
    func failedInFuture() async throws {
        let world = World()
        world.transport[oauth] = unreachable
        _ = await world.failure()
        world.transport[oauth] = document()
        world.clock.advance(by: .seconds(-3600))
        #expect(try await world.read().tokenEndpoint == "https://example.com/token")
    }

    @Test("what is in doubt is read again when needed, though not at once", arguments: [(9, 1), (10, 2)])
    func doubt(seconds: Int, requests: Int) async throws {
        let world = try await world()
        world.clock.advance(by: .seconds(seconds))
        await world.discovery.doubt(issuer, options: TransportOptions())
        #expect(world.transport.urls.count == 1)
        #expect(try await world.read().tokenEndpoint == "https://example.com/\(requests)")
        // Once is enough.
        #expect(try await world.read().tokenEndpoint == "https://example.com/\(requests)")
        #expect(world.transport.urls.count == requests)
    }

    @Test("doubt about what was never read, or is another's, changes nothing")
    func groundlessDoubt() async throws {
        let world = try await world()
        world.clock.advance(by: .seconds(60))
        await world.discovery.doubt("https://other.example", options: TransportOptions())
        await world.discovery.doubt(issuer, options: TransportOptions(proxy: "http://proxy.example.com"))
        #expect(try await world.read().tokenEndpoint == "https://example.com/1")
    }
}
