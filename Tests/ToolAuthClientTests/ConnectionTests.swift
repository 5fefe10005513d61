import Dispatch
import Glibc
import ScriptedSocket
import SocketAPI
import Testing
import ToolAuthCore

@testable import ToolAuthClient

@Suite("Connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    private let tools = reply(200, #"{"tools":[]}"#)

    private func code(_ error: (any Error)?) -> Int32? {
        if case .unreachable(_, let code, _)? = error as? ToolAuthClientError { code } else { nil }
    }

    @Test("no socket, and one nobody listens at, are told apart")
    func nobodyThere() async throws {
        let server = try ScriptedServer { _ in "" }
        let missing = server.path + ".missing"
        var error = await #expect(throws: ToolAuthClientError.self) {
            try await ToolAuthClient(socketPath: missing).tools()
        }
        #expect(code(error) == ENOENT)
        // A listener that is shut down leaves its file behind if it is linked elsewhere.
        let stale = server.path + ".stale"
        #expect(link(server.path, stale) == 0)
        defer {
            unlink(stale)
            rmdir(String(server.path.dropLast("/api.sock".count)))
        }
        server.stop()
        error = await #expect(throws: ToolAuthClientError.self) {
            while true { _ = try await ToolAuthClient(socketPath: stale).tools() }
        }
        #expect(code(error) == ECONNREFUSED || code(error) == ECONNRESET)
    }

    @Test(
        "a path that is none, is too long, or is another kind of file is unreachable",
        arguments: [
            ("", ENOENT), ("/tmp/" + String(repeating: "x", count: 103), ENAMETOOLONG), ("/etc/passwd", ECONNREFUSED),
            ("/etc/passwd/x", ENOTDIR), ("/tmp/a\0b", ENOENT),
        ])
    func badPaths(_ path: String, _ expected: Int32) async {
        let error = await #expect(throws: ToolAuthClientError.self) {
            try await ToolAuthClient(socketPath: path).tools()
        }
        #expect(code(error) == expected)
    }

    @Test("a connection is used again")
    func reuse() async throws {
        let server = try ScriptedServer { [tools] _ in tools }
        defer { server.stop() }
        let client = ToolAuthClient(socketPath: server.path)
        for _ in 0..<5 { _ = try await client.tools() }
        #expect(server.requests.count == 5)
        #expect(server.connections == 1)
    }

    @Test("a connection whose reply says close is not used again")
    func close() async throws {
        let server = try ScriptedServer { _ in
            "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 12\r\n\r\n{\"tools\":[]}"
        }
        defer { server.stop() }
        let client = ToolAuthClient(socketPath: server.path)
        for _ in 0..<3 { _ = try await client.tools() }
        #expect(server.connections == 3)
    }

    @Test("a kept connection that ends before the first byte of a reply is replaced, once")
    func retry() async throws {
        let server = try ScriptedServer { [tools] peer in
            _ = peer.readRequest()
            peer.send(tools)
            // The second request is read and not answered.
            if peer.number == 1 { _ = peer.readRequest() }
        }
        defer { server.stop() }
        let client = ToolAuthClient(socketPath: server.path)
        _ = try await client.tools()
        _ = try await client.tools()
        #expect(server.requests.count == 3)
        #expect(server.connections == 2)
    }

    @Test("a new connection that ends before the first byte is tried once more, as a restart of the daemon needs it")
    func retryOnNewConnection() async throws {
        let server = try ScriptedServer { [tools] peer in
            _ = peer.readRequest()
            if peer.number == 2 { peer.send(tools) }
        }
        defer { server.stop() }
        _ = try await ToolAuthClient(socketPath: server.path).tools()
        #expect(server.requests.count == 2)
    }

    @Test("a connection that is closed with the request unread is tried once more")
    func retryUnread() async throws {
        let server = try ScriptedServer { [tools] peer in
            guard peer.number == 2 else { return }
            _ = peer.readRequest()
            peer.send(tools)
        }
        defer { server.stop() }
        _ = try await ToolAuthClient(socketPath: server.path).tools()
        #expect(server.connections == 2)
    }

    @Test("two connections that end before the first byte are enough")
    func noThirdTry() async throws {
        let server = try ScriptedServer { peer in _ = peer.readRequest() }
        defer { server.stop() }
        let error = await #expect(throws: ToolAuthClientError.self) {
            try await ToolAuthClient(socketPath: server.path).tools()
        }
        #expect(code(error) == ECONNRESET)
        #expect(server.requests.count == 2)
    }

    @Test("a reply that breaks off is not tried again, not even on a kept connection")
    func noRetryAfterFirstByte() async throws {
        let server = try ScriptedServer { [tools] peer in
            _ = peer.readRequest()
            peer.send(tools)
            _ = peer.readRequest()
            peer.send("HTTP/1.1 200 OK\r\nContent-Le")
        }
        defer { server.stop() }
        let client = ToolAuthClient(socketPath: server.path)
        _ = try await client.tools()
        let error = await #expect(throws: ToolAuthClientError.self) { try await client.tools() }
        #expect(code(error) == ECONNRESET)
        #expect(server.requests.count == 2)
    }

    @Test("a connection on which the daemon spoke unasked is not used: its words are no answer")
    func unaskedWords() async throws {
        let step = Locked(0)
        let server = try ScriptedServer { [tools] peer in
            guard peer.readRequest() != nil else { return }
            peer.send(tools)
            guard peer.number == 1 else { return }
            while step.withLock({ $0 }) < 1 { usleep(1000) }
            peer.send(reply(200, #"{"tools":[{"tool_id":"x","title":"","provider":"","status":""}]}"#))
            step.withLock { $0 = 2 }
            peer.waitForClose()
        }
        defer { server.stop() }
        let client = ToolAuthClient(socketPath: server.path)
        _ = try await client.tools()
        step.withLock { $0 = 1 }
        while step.withLock({ $0 }) < 2 { await Task.yield() }
        #expect(try await client.tools() == [])
        #expect(server.connections == 2)
    }

    @Test("a reply that comes before the whole request was taken is read")
    func earlyReply() async throws {
        let isOver = Locked(false)
        let server = try ScriptedServer { peer in
            peer.send(problem(413, "too-large"))
            // Takes nothing of the request.
            while !isOver.withLock({ $0 }) { usleep(1000) }
        }
        defer { isOver.withLock { $0 = true } }
        defer { server.stop() }
        let gmail = try #require(ToolID("gmail"))
        let alice = try #require(UserID("alice"))
        let tokens = String(repeating: "x", count: 4 << 20)
        let error = await #expect(throws: ToolAuthClientError.self) {
            try await ToolAuthClient(socketPath: server.path)
                .importTokens(.init(accessToken: tokens), toolID: gmail, userID: alice)
        }
        guard case .problem(let problem)? = error else { throw try #require(error) }
        #expect(problem.code == "too-large")
    }

    @Test("a daemon that does not answer, answers by drops, or takes nothing, ends by the deadline", arguments: 0..<3)
    func deadline(_ way: Int) async throws {
        let ended = DispatchSemaphore(value: 0)
        let server = try ScriptedServer { peer in
            switch way {
            case 0: peer.waitForClose()
            case 1:
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
                while peer.send("x") { usleep(20_000) }
            default:
                // Reads nothing: the request does not go out.
                ended.wait()
            }
        }
        defer { server.stop() }
        defer { ended.signal() }
        let gmail = try #require(ToolID("gmail"))
        let alice = try #require(UserID("alice"))
        let client = ToolAuthClient(socketPath: server.path, timeout: .milliseconds(way == 1 ? 500 : 100))
        await #expect(throws: ToolAuthClientError.timedOut) {
            if way == 2 {
                let tokens = String(repeating: "x", count: 4 << 20)
                try await client.importTokens(.init(accessToken: tokens), toolID: gmail, userID: alice)
            } else {
                _ = try await client.tools()
            }
        }
    }

    @Test("a cancelled task ends its call at once, before and while it waits", arguments: [true, false])
    func cancellation(_ early: Bool) async throws {
        let server = try ScriptedServer { peer in peer.waitForClose() }
        defer { server.stop() }
        let client = ToolAuthClient(socketPath: server.path, timeout: .seconds(3600))
        let task = Task { try await client.tools() }
        if !early { while server.connections == 0 { await Task.yield() } }
        task.cancel()
        await #expect(throws: ToolAuthClientError.cancelled) { try await task.value }
    }

    @Test("many calls wait at once without holding each other up")
    func manyAtOnce() async throws {
        let count = 100
        let waiting = Locked(0)
        let server = try ScriptedServer { [tools] peer in
            guard peer.readRequest() != nil else { return }
            waiting.withLock { $0 += 1 }
            // No reply before all have asked.
            while waiting.withLock({ $0 < count }) { usleep(1000) }
            peer.send(tools)
        }
        defer { server.stop() }
        let client = ToolAuthClient(socketPath: server.path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { _ = try await client.tools() } }
            try await group.waitForAll()
        }
        #expect(server.requests.count == count)
    }

    @Test("a list of 40 MB is read")
    func hugeReply() async throws {
        let tool =
            #"{"tool_id":"gmail","title":"\#(String(repeating: "x", count: 40 << 20))","provider":"google","status":"available"}"#
        let server = try ScriptedServer { _ in reply(200, #"{"tools":[\#(tool)]}"#) }
        defer { server.stop() }
        let tools = try await ToolAuthClient(socketPath: server.path).tools()
        #expect(tools.first?.title.utf8.count == 40 << 20)
    }

    @Test("a reply without an end is given up at 64 MiB")
    func endlessReply() async throws {
        let server = try ScriptedServer { peer in
            _ = peer.readRequest()
            peer.send("HTTP/1.1 200 OK\r\n\r\n")
            let block = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
            while peer.send(block) {}
        }
        defer { server.stop() }
        let error = await #expect(throws: ToolAuthClientError.self) {
            try await ToolAuthClient(socketPath: server.path).tools()
        }
        guard case .protocolViolation(let detail)? = error else { throw try #require(error) }
        #expect(detail.contains("longer than 67108864 bytes"))
    }

    @Test("no file descriptor is left open by calls that end well or badly")
    func descriptors() async throws {
        let server = try ScriptedServer { [tools] peer in
            guard peer.readRequest() != nil, peer.number % 2 == 0 else { return }
            peer.send(tools)
        }
        defer { server.stop() }
        for _ in 0..<600 { _ = try? await ToolAuthClient(socketPath: server.path).tools() }
        // 600 calls of three descriptors each would not have fitted below this number.
        let descriptor = open("/dev/null", O_RDONLY)
        #expect(descriptor < 900)
        Glibc.close(descriptor)
    }

    /// A socket whose backlog is full: nobody accepts, and the one place is taken.
    private func withFullBacklog(_ body: (String) async throws -> Void) async throws {
        let server = try ScriptedServer { _ in "" }
        let path = server.path + "2"
        defer {
            unlink(path)
            server.stop()
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(listener) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0 && listen(listener, 0) == 0)
        let first = try UnixConnection(
            path: path, deadline: CallDeadline(.seconds(5)), cancellation: CallCancellation())
        try await body(path)
        withExtendedLifetime(first) {}
    }

    @Test("where the backlog is full, a call waits, to its deadline or its cancellation")
    func fullBacklog() async throws {
        try await withFullBacklog { path in
            await #expect(throws: ToolAuthClientError.timedOut) {
                try await ToolAuthClient(socketPath: path, timeout: .milliseconds(100)).tools()
            }
            let task = Task { try await ToolAuthClient(socketPath: path, timeout: .seconds(3600)).tools() }
            task.cancel()
            await #expect(throws: ToolAuthClientError.cancelled) { try await task.value }
        }
    }
}
