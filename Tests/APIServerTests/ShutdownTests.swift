import Dispatch
import Glibc
import NIOCore
import NIOPosix
import ServiceLifecycle
import Telemetry
import TestSupport
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The life of the server")
struct ShutdownTests {
    private static let token = request("GET", "/v1/tools/github/users/alice/token")

    @Test("graceful shutdown answers what was received, says so, and accepts nobody more")
    func inFlight() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        try await withServer(service) { server in
            let idle = try server.connect()
            #expect(try await idle.ask(request("GET", "/healthz")).status == 200)
            let client = try server.connect()
            try await client.send(Self.token + request("GET", "/v1/status"))
            try await eventually("the request is under way") { service.calls.count == 1 }

            await server.beginShutdown()
            try await eventually("nobody is accepted") { (try? server.connect()) == nil }
            #expect(try await idle.readAnswer() == nil)

            turnstile.open()
            let first = try #require(try await client.readAnswer())
            #expect(first.status == 200)
            #expect(first.fields["connection"] == nil)
            let last = try #require(try await client.readAnswer())
            #expect(last.status == 200)
            #expect(last.fields["connection"] == "close")
            #expect(try await client.readAnswer() == nil)
        }
        #expect(service.calls == ["token github/alice 60 10", "status"])
    }

    @Test("who had just connected when the shutdown came may still ask, once")
    func justConnected() async throws {
        let accepted = Locked(0)
        let count: @Sendable (CInt) -> Peer? = { descriptor in
            accepted.withLock { $0 += 1 }
            return root(descriptor)
        }
        var limits = APILimits()
        limits.linger = .seconds(60)
        try await withServer(limits: limits, identify: count) { server in
            let client = try server.connect()
            try await eventually("it is accepted") { accepted.withLock { $0 } == 1 }
            await server.beginShutdown()
            try await eventually("nobody is accepted") { (try? server.connect()) == nil }
            let answer = try await client.ask(request("GET", "/healthz"))
            #expect(answer.status == 200)
            #expect(answer.fields["connection"] == "close")
        }
    }

    @Test("over restarts on a socket that stays, clients with a connection for each request see no failure")
    func restarts() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = directory.file("restart.sock")
        let socket = try listeningSocket(path)
        defer { close(socket) }
        let answered = Counter()
        try await withThrowingTaskGroup(of: Void.self) { clients in
            for _ in 0..<4 {
                clients.addTask {
                    for _ in 0..<100 {
                        let answer = try await RawClient(path).ask(request("GET", "/healthz"))
                        #expect(answer.status == 200)
                        answered.add()
                    }
                }
            }
            while answered.value < 400 {
                let serving = Turnstile()
                let server = APIServer(
                    listeningSocket: fcntl(socket, F_DUPFD_CLOEXEC, 3), service: FakeService(),
                    events: EventHub(startedAt: Sample.time),
                    rules: RulesInForce(AccessRules(clients: nil, daemonUID: 990, socketGID: nil)),
                    logger: silentLogger,
                    onServing: { serving.open() },
                    identify: root)
                let group = ServiceGroup(services: [server], logger: silentLogger)
                let before = answered.value
                let run = Task { try await group.run() }
                await serving.pass()
                try await eventually("some are answered") { answered.value >= min(before + 20, 400) }
                await group.triggerGracefulShutdown()
                try await run.value
            }
            try await clients.waitForAll()
        }
    }

    @Test("who had connected and asks nothing does not hold up the shutdown")
    func silent() async throws {
        var limits = APILimits()
        limits.linger = .milliseconds(50)
        let kept = Locked<RawClient?>(nil)
        try await withServer(limits: limits) { server in
            let client = try server.connect()
            kept.withLock { $0 = client }
        }
        let client = try #require(kept.withLock { $0 })
        #expect(try await client.readAnswer() == nil)
    }

    @Test("cancelling the task ends it, requests under way and all")
    func cancelled() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = directory.file("cancel.sock")
        let server = APIServer(
            listeningSocket: try listeningSocket(path), service: service,
            events: EventHub(startedAt: Sample.time),
            rules: RulesInForce(AccessRules(clients: nil, daemonUID: 990, socketGID: nil)),
            logger: silentLogger, identify: root)
        let task = Task { try await server.run() }
        let client = try RawClient(path)
        try await client.send(Self.token)
        try await eventually("the request is under way") { service.calls.count == 1 }
        task.cancel()
        turnstile.open()
        _ = await task.result
        #expect(throws: SocketFailure.self) { try RawClient(path) }
    }

    @Test("a descriptor that is no socket is an error at once")
    func noSocket() async throws {
        let server = APIServer(
            listeningSocket: open("/dev/null", O_RDONLY | O_CLOEXEC), service: FakeService(),
            events: EventHub(startedAt: Sample.time),
            rules: RulesInForce(AccessRules(clients: nil, daemonUID: 990, socketGID: nil)),
            logger: silentLogger, identify: root)
        await #expect(throws: (any Error).self) { try await server.run() }
    }

    @Test("no socket stays open once its client is gone, however it went")
    func descriptors() async throws {
        let inodes = Locked<Set<UInt>>([])
        let remember: @Sendable (CInt) -> Peer? = { descriptor in
            var status = stat()
            if fstat(descriptor, &status) == 0 { _ = inodes.withLock { $0.insert(status.st_ino) } }
            return root(descriptor)
        }
        var limits = APILimits()
        limits.linger = .milliseconds(50)
        try await withServer(limits: limits, identify: remember) { server in
            for round in 0..<60 {
                let client = try server.connect()
                switch round % 5 {
                case 0: _ = try await client.ask(request("GET", "/healthz"))
                case 1: try await client.send("GET /hea")
                case 2: _ = try await client.ask("nonsense\r\n\r\n")
                case 3: client.endSending()
                default: try await client.send(Self.token)
                }
            }
            try await eventually("all are closed") {
                inodes.withLock { $0.count == 60 && $0.isDisjoint(with: openSockets()) }
            }
        }
    }

    @Test("the probe is answered while the server drains, lest a watchdog end it")
    func probeWhileDraining() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        try await withServer(service) { server in
            defer { turnstile.open() }
            let client = try server.connect()
            try await client.send(Self.token)
            try await eventually("the request is under way") { service.calls.count == 1 }
            // Asked all the while: before the shutdown, in the middle of it, and after.
            let (answered, isOver) = (Counter(), Flag())
            Task {
                repeat {
                    try await server.server.probe()
                    answered.add()
                } while !isOver.isSet
            }
            try await eventually("it is answered") { answered.value > 0 }
            await server.beginShutdown()
            try await eventually("nobody is accepted") { (try? server.connect()) == nil }
            let before = answered.value
            try await eventually("it is answered still") { answered.value > before + 1 }
            isOver.set()
            turnstile.open()
            #expect(try await client.readAnswer()?.status == 200)
        }
    }

    @Test("the probe waits for an event loop that is stuck")
    func probe() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = directory.file("probe.sock")
        let socket = try listeningSocket(path)
        defer { close(socket) }
        let server = APIServer(
            listeningSocket: socket, service: FakeService(),
            events: EventHub(startedAt: Sample.time),
            rules: RulesInForce(AccessRules(clients: nil, daemonUID: 990, socketGID: nil)),
            logger: silentLogger, eventLoop: group.next(),
            identify: root)
        try await server.probe()

        let release = DispatchSemaphore(value: 0)
        let isAnswered = Flag()
        group.next().execute {
            release.wait()
            #expect(!isAnswered.isSet)
        }
        // Begins at once, and goes on as far as it need not wait.
        let probe = Task.immediate {
            try await server.probe()
            isAnswered.set()
        }
        for _ in 0..<100 { await Task.yield() }
        release.signal()
        try await probe.value
        #expect(isAnswered.isSet)
        try await group.shutdownGracefully()
    }
}

/// The inodes of all sockets this process has open.
private func openSockets() -> Set<UInt> {
    var inodes: Set<UInt> = []
    for descriptor in 0..<4096 as Range<CInt> {
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK { inodes.insert(status.st_ino) }
    }
    return inodes
}
