import Dispatch
import Glibc
import NIOCore
import Testing
import ToolAuthCore

@testable import APIServer

/// Without a server: what the lane tells, and what it leaves in the sockets.
@Suite("The express lane by itself", .timeLimit(.minutes(5)))
struct LaneTests {
    private static let token = request("GET", "/v1/tools/a")

    // MARK: Handing on

    @Test("a connection that is quiet is handed on once patience is over, and not before")
    func quiet() async throws {
        try await withLane { lane in
            let client = try lane.connect()
            try await eventually("it is accepted") { lane.events.count == 2 }
            await lane.looks()
            #expect(lane.events == [.identified(0), .admitted(0)])
            try await client.send(Self.token)
            #expect(try await client.readAnswer()?.text == "/v1/tools/a")
        }
        try await withLane {
            $0.patience = .milliseconds(1)
        } _: { lane in
            let client = try lane.connect()
            try await eventually("it is handed on") { lane.handovers.count == 1 }
            #expect(lane.events == [.identified(0), .admitted(0), .handedOn(0)])
            let handover = try #require(lane.handovers.first)
            #expect(handover.refusal == nil)
            #expect(fcntl(handover.descriptor, F_GETFD) == FD_CLOEXEC)
            // From now on it is not the lane's any more.
            try await client.send(Self.token)
            await lane.looks()
            #expect(unread(handover.descriptor) == Self.token)
            #expect(lane.events.count == 3)
        }
    }

    @Test("one that is answered again and again stays, however long it is there")
    func busy() async throws {
        let (patience, brief) = (TimeAmount.milliseconds(50), TimeAmount.milliseconds(25))
        try await withLane {
            $0.patience = patience
        } _: { lane in
            let client = try lane.connect()
            // Said before it is, so that no pause in between counts as its.
            var answered = NIODeadline.now()
            let end = answered + patience * 4
            while answered < end {
                #expect(try await client.ask(Self.token).status == 200)
                let isHere = lane.handovers.isEmpty
                let now = NIODeadline.now()
                // On a busy machine it may have been quiet for too long.
                if now - answered > brief { return }
                #expect(isHere)
                answered = now
            }
        }
    }

    @Test("one too many is handed on to be told so, and not released: it was not admitted")
    func refused() async throws {
        let refusal = ToolAuthError(.tooManyConnections, "Too many.")
        try await withLane {
            $0.admits = { $0 == 0 ? refusal : nil }
        } _: { lane in
            let (first, second) = (try lane.connect(), try lane.connect())
            try await second.send(Self.token)
            #expect(try await second.readAnswer()?.status == 200)
            await lane.looks()
            #expect(
                lane.events == [.identified(0), .refused(0), .handedOn(0), .identified(1), .admitted(1), .noted])
            #expect(lane.handovers.first?.refusal?.code == .tooManyConnections)
            withExtendedLifetime(first) {}
        }
    }

    @Test(
        "what it does not answer stays in the socket, and goes on with the connection",
        arguments: [
            token,  // no answer at hand
            request("GET", "/v1/tools/unreadable"), request("GET", "/v1/tools/stream"), request("GET", "/healthz"),
            request("POST", "/v1/tools/a", json: "{}"), "GET /v1/too", token + token, "nonsense\r\n\r\n",
        ])
    func left(text: String) async throws {
        try await withLane {
            $0.reads = { $0.hasSuffix("unreadable") ? nil : $0 }
            $0.answers = { path, _ in path.hasSuffix("stream") ? .stream { _ in } : nil }
        } _: { lane in
            let client = try lane.connect()
            try await client.send(text)
            try await eventually("it is handed on") { lane.handovers.count == 1 }
            #expect(lane.events == [.identified(0), .admitted(0), .handedOn(0)])
            #expect(lane.handovers.first.map { unread($0.descriptor) } == text)
        }
    }

    @Test("one more than it keeps is handed on, admitted as the others are")
    func capacity() async throws {
        let capacity = RecordedLane.Lane.capacity
        try await withLane { lane in
            var clients: [RawClient] = []
            for number in 0...capacity {
                clients.append(try lane.connect())
                try await eventually("it is accepted") { lane.events.contains(.admitted(number)) }
            }
            await lane.looks()
            #expect(lane.handovers.map(\.client) == [capacity])
            #expect(lane.handovers.first?.refusal == nil)
            #expect(lane.events.count { if case .admitted = $0 { true } else { false } } == capacity + 1)
            // Those it keeps are answered; a place that is free is given away.
            #expect(try await clients[0].ask(Self.token).status == 200)
            clients.removeFirst()
            try await eventually("it is released") { lane.events.contains(.released(0)) }
            #expect(try await lane.connect().ask(Self.token).status == 200)
            #expect(lane.handovers.count == 1)
        }
    }

    // MARK: Answering

    @Test("an answer is noted once it is sent; a client that ends is released")
    func answered() async throws {
        try await withLane { lane in
            let client = try lane.connect()
            for _ in 0..<2 { #expect(try await client.ask(Self.token).text == "/v1/tools/a") }
            client.endSending()
            #expect(try await client.readAnswer() == nil)
            await lane.looks()
            #expect(lane.events == [.identified(0), .admitted(0), .noted, .noted, .released(0)])
        }
    }

    @Test("a client that reads nothing is handed on with its request, of which nothing was answered")
    func unreadAnswers() async throws {
        try await withLane {
            $0.accepts = sendsLittle
        } _: { lane in
            let client = try lane.connect()
            var sent = 0
            while lane.handovers.isEmpty, sent < 1000 {
                try await client.send(Self.token)
                sent += 1
                let number = sent
                try await eventually("it is answered, or handed on") {
                    !lane.handovers.isEmpty || lane.events.count { $0 == .noted } == number
                }
            }
            let handover = try #require(lane.handovers.first)
            #expect(handover.refusal == nil)
            #expect(unread(handover.descriptor) == Self.token)
            #expect(lane.events.last == .handedOn(0))
            #expect(lane.events.count { $0 == .noted } == sent - 1)
            for _ in 1..<sent { #expect(try await client.readAnswer()?.status == 200) }
        }
    }

    @Test("half an answer ends the connection: the rest could not be sent elsewhere")
    func halfAnswer() async throws {
        let size = 1_000_000
        try await withLane {
            $0.accepts = sendsLittle
            $0.answers = { _, _ in .bytes(ByteBuffer(repeating: 0x61, count: size)) }
        } _: { lane in
            let client = try lane.connect()
            try await client.send(Self.token)
            let received = try await client.readToEnd()
            #expect(received.starts(with: "HTTP/1.1 200 OK\r\n".utf8))
            #expect(received.count < size)
            await lane.looks()
            #expect(lane.events == [.identified(0), .admitted(0), .noted, .released(0)])
        }
    }

    // MARK: Beginning and ending

    @Test("what does not listen is refused, and stays open")
    func notListening() throws {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let (file, socket) = (open("/dev/null", O_RDONLY | O_CLOEXEC), Glibc.socket(AF_UNIX, kind, 0))
        for (descriptor, code) in [(file, ENOTSOCK), (socket, EINVAL)] {
            let error = #expect(throws: IOError.self) { try lane(on: descriptor) }
            #expect(error?.errnoCode == code)
            #expect(close(descriptor) == 0)
        }
    }

    private func lane(on descriptor: CInt) throws -> RecordedLane.Lane {
        try RecordedLane.Lane(
            listener: descriptor, patience: .hours(1),
            RecordedLane.Lane.Callbacks(
                identify: { _ in 0 }, admit: { _ in nil }, release: { _ in }, read: { _ in nil },
                answer: { _, _ in nil }, handOver: { _ in }, ended: {}))
    }

    @Test("at its end it hands everybody on, then says so, and accepts nobody more")
    func end() async throws {
        let events = Locked<[RecordedLane.Event]>([])
        try await withLane { lane in
            var clients: [RawClient] = []
            for number in 0..<3 {
                clients.append(try lane.connect())
                try await eventually("it is accepted") { lane.events.contains(.admitted(number)) }
            }
            try await clients[1].send("GET /v1")
            lane.lane.end()
            try await eventually("it has ended") { lane.events.last == .ended }
            #expect(Set(lane.handovers.map(\.client)) == [0, 1, 2])
            #expect(lane.handovers.allSatisfy { $0.refusal == nil })
            #expect(lane.handovers.map { unread($0.descriptor) }.sorted() == ["", "", "GET /v1"])
            #expect(throws: SocketFailure.self) { try lane.connect() }
            events.withLock { $0 = lane.events }
        }
        #expect(events.withLock { $0.count { $0 == .ended } } == 1)
    }

    @Test("an order waits for a lane that is stuck; one that has ended leaves it to the caller")
    func orders() async throws {
        let isStuck = Flag()
        let release = DispatchSemaphore(value: 0)
        try await withLane {
            $0.answers = { path, _ in
                isStuck.set()
                release.wait()
                return .bytes(ByteBuffer(string: path))
            }
        } _: { lane in
            let client = try lane.connect()
            try await client.send(Self.token)
            try await eventually("it is stuck") { isStuck.isSet }
            let done = Locked<[Int]>([])
            for number in 0..<3 { lane.lane.perform { done.withLock { $0.append(number) } } }
            for _ in 0..<100 { await Task.yield() }
            #expect(done.withLock { $0 } == [])
            // What was ordered before the end is done, whatever comes first.
            lane.lane.end()
            release.signal()
            try await eventually("it has ended") { lane.events.last == .ended }
            try await eventually("all is done") { done.withLock { $0 } == [0, 1, 2] }
            lane.lane.perform { done.withLock { $0.append(3) } }
            #expect(done.withLock { $0 } == [0, 1, 2, 3])
        }
    }

    @Test("no order is lost, whenever the lane ends")
    func ordersAtTheEnd() async throws {
        for _ in 0..<100 {
            let done = Counter()
            try await withLane { lane in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<8 {
                        group.addTask {
                            if number == 4 { lane.lane.end() }
                            lane.lane.perform { done.add() }
                        }
                    }
                }
                try await eventually("all are done") { done.value == 8 }
            }
        }
    }

    @Test("where no descriptor is left it waits a little, serves whom it has, and then goes on accepting")
    func descriptors() async {
        // The limit is the whole process's.
        await #expect(processExitsWith: .success) {
            try await withLane { lane in
                let held = try lane.connect()
                guard try await held.ask(Self.token).status == 200 else { exit(1) }
                // Nobody is accepted before the limit is there.
                let release = DispatchSemaphore(value: 0)
                lane.lane.perform { release.wait() }
                let waiting = try lane.connect()
                let former = forbidDescriptors()
                let began = NIODeadline.now()
                release.signal()
                await lane.looks()
                guard try await held.ask(Self.token).status == 200, !lane.events.contains(.identified(1)) else {
                    exit(2)
                }
                allowDescriptors(former)
                try await eventually("it goes on") { lane.events.contains(.identified(1)) }
                // To try all the time would be to spin.
                guard NIODeadline.now() - began >= RecordedLane.Lane.pause else { exit(3) }
                guard try await waiting.ask(Self.token).status == 200 else { exit(4) }
            }
            exit(0)
        }
    }
}

/// Gives the lane's end little to send: a few kilobytes, and it is full.
private let sendsLittle: @Sendable (CInt) -> Void = { descriptor in
    var size: CInt = 1
    setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
}

/// From now on this process gets no descriptor more.
///
/// - Returns: the limit that there was.
private func forbidDescriptors() -> rlimit {
    var former = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &former)
    // The lowest that is free is the next.
    let next = dup(STDIN_FILENO)
    close(next)
    allowDescriptors(rlimit(rlim_cur: rlim_t(next), rlim_max: former.rlim_max))
    return former
}

private func allowDescriptors(_ limit: rlimit) {
    var limit = limit
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
