import APIServer
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Telemetry
import TestSupport
import Testing
import ToolAuthCore

/// A server on a socket in a temporary directory.
struct TestServer: Sendable {
    let path: String
    let group: ServiceGroup
    let server: APIServer

    func beginShutdown() async { await group.triggerGracefulShutdown() }

    func connect() throws -> RawClient { try RawClient(path) }

    /// One request on a connection of its own.
    func ask(_ request: String) async throws -> RawAnswer { try await connect().ask(request) }
}

let silentLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

let root: @Sendable (CInt) -> Peer? = { _ in Peer(pid: 1, uid: 0, gid: 0, groups: []) }

/// Runs a server for as long as `body`, shuts it down gracefully, and waits until it has returned.
func withServer(
    _ service: FakeService = FakeService(), limits: APILimits = APILimits(),
    events: EventHub = EventHub(startedAt: Sample.time), clients: [AccessRule]? = nil, rules: RulesInForce? = nil,
    metrics: APIMetrics = APIMetrics(), audit: @escaping @Sendable (TokenUse) -> Void = { _ in },
    report: @escaping @Sendable (JournalEntry) -> Void = { _ in }, logger: Logger = silentLogger,
    eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
    isUserOfUnit: @escaping @Sendable (String, UInt32) async -> Bool? = { _, _ in false },
    identify: @escaping @Sendable (CInt) -> Peer? = root,
    _ body: @escaping @Sendable (TestServer) async throws -> Void
) async throws {
    try await withSocketPath { path in
        let socket = try listeningSocket(path)
        let serving = Turnstile()
        let server = APIServer(
            listeningSocket: socket, service: service, events: events,
            rules: rules ?? RulesInForce(AccessRules(clients: clients, daemonUID: 990, socketGID: 991)),
            limits: limits, metrics: metrics, audit: audit, report: report, logger: logger, eventLoop: eventLoop,
            onServing: { serving.open() },
            isUserOfUnit: isUserOfUnit,
            identify: identify)
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            // A group that does not run yet cannot be shut down.
            await serving.pass()
            let result = await Task { try await body(TestServer(path: path, group: group, server: server)) }.result
            await group.triggerGracefulShutdown()
            try await tasks.next()
            try result.get()
        }
        // The server leaves the path alone.
        #expect(access(path, F_OK) == 0)
    }
}

/// Gives `body` a path for a socket, in a directory of its own, which goes afterwards.
func withSocketPath(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/toolauthd-api-XXXXXX".utf8CString)
    let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    let path = directory + "/api.sock"
    defer {
        unlink(path)
        rmdir(directory)
    }
    try await body(path)
}

func listeningSocket(_ path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SocketFailure("socket") }
    guard withUnixAddress(path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0 else {
        throw SocketFailure("bind")
    }
    return descriptor
}

/// Asks again and again until `condition` holds, for what the server or another task brings about.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: @Sendable () async throws -> Bool
) async throws {
    if try await !TestSupport.eventually(every: .milliseconds(2), condition) {
        Issue.record("not within a minute: \(what)", sourceLocation: sourceLocation)
    }
}

/// A request without a body.
func request(_ method: String, _ path: String, _ fields: String...) -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
}

/// A request with a JSON body.
func request(_ method: String, _ path: String, json: String, _ fields: String...) -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + fields.map { $0 + "\r\n" }.joined() + "Content-Length: \(json.utf8.count)\r\n\r\n" + json
}
