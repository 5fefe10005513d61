import SocketAPI
import Telemetry
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("A server with rules")
struct RuledServerTests {
    private static let unit = "assistants.service"

    private static func rule(
        _ actions: Set<Action> = [.token, .read, .status, .events], users: [String] = ["alice*"],
        match: PeerMatch = PeerMatch(uid: 1000)
    ) -> AccessRule {
        AccessRule(
            name: "agents", match: match, actions: actions,
            scope: AccessScope(tools: [ByteGlob("git*")], users: users.map { ByteGlob($0) }))
    }

    private static let agent: @Sendable (CInt) -> Peer? = { _ in
        Peer(pid: 7, uid: 1000, gid: 1000, groups: [], unit: .named(unit))
    }

    private static let cases: [(String, String, Int)] = [
        ("GET", "/v1/tools/github/users/alice/token", 200),
        ("GET", "/v1/tools/github/users/alice", 200),
        ("GET", "/v1/tools/github/users/bob/token", 403),
        ("GET", "/v1/tools/gmail/users/alice/token", 403),
        ("POST", "/v1/tools/github/users/alice/refresh", 403),
        ("DELETE", "/v1/tools/github/users/alice", 403),
        ("POST", "/v1/tools/github/pause", 403),
        ("POST", "/v1/resume", 403),
        ("GET", "/metrics", 403),
        ("GET", "/v1/tools", 200),
        ("GET", "/v1/tools?user_id=alice", 200),
        ("GET", "/v1/tools?user_id=bob", 403),
        ("GET", "/v1/auths", 200),
        ("GET", "/v1/auths?user_id=bob", 403),
        ("GET", "/v1/auths?tool_id=gmail", 403),
        ("GET", "/v1/auths?tool_id=github", 200),
        ("GET", "/v1/events?user_id=bob", 403),
        ("GET", "/v1/status", 200),
        ("GET", "/healthz", 200),
        ("GET", "/v1/openapi.json", 200),
    ]

    @Test("refuses other actions, tools and users, also in queries", arguments: cases)
    func refusals(_ method: String, _ path: String, _ expected: Int) async throws {
        try await withServer(clients: [Self.rule()], identify: Self.agent) { server in
            let status = try await server.status(method, path)
            #expect(status == expected)
        }
    }

    @Test("the service is asked for no more than the rule covers")
    func scope() async throws {
        let service = FakeService()
        try await withServer(service, clients: [Self.rule([.read, .status, .authorize])], identify: Self.agent) {
            server in
            for path in ["/v1/tools", "/v1/auths", "/v1/status", "/v1/authorizations/x"] {
                let status = try await server.status("GET", path)
                #expect(status == 200)
            }
        }
        let alice = ToolAuthKey(try #require(ToolID("github")), try #require(UserID("alice:work")))
        let bob = ToolAuthKey(try #require(ToolID("github")), try #require(UserID("bob")))
        #expect(service.scopes.count == 4)
        #expect(service.scopes.allSatisfy { $0.covers(alice) && !$0.covers(bob) })
    }

    @Test("a token handed out is audited with rule, process and unit; what is refused is not")
    func audited() async throws {
        let uses = Locked<[TokenUse]>([])
        try await withServer(
            clients: [Self.rule()], audit: { use in uses.withLock { $0.append(use) } }, identify: Self.agent
        ) { server in
            _ = try await server.ask(request("GET", "/v1/tools/github/users/alice/token"))
            _ = try await server.ask(request("GET", "/v1/tools/github/users/bob/token"))
            _ = try await server.ask(request("GET", "/v1/tools/github/users/alice"))
        }
        let seen = uses.withLock { $0 }
        #expect(seen.count == 1)
        #expect(seen.first?.rule == "agents")
        #expect(seen.first?.peerPID == 7)
        #expect(seen.first?.peerUID == 1000)
        #expect(seen.first?.peerUnit == Self.unit)
        #expect(seen.first?.key == Sample.key)
        #expect(seen.first?.generation == Sample.record.generation)
    }

    @Test("a rule for a unit holds for processes of the unit's own user, and the manager is asked once a connection")
    func units() async throws {
        for isUser in [true, false] {
            let asked = Locked<[String]>([])
            try await withServer(
                clients: [Self.rule(match: PeerMatch(unit: Self.unit))],
                isUserOfUnit: { unit, uid in
                    asked.withLock { $0.append("\(unit) \(uid)") }
                    return isUser
                }, identify: Self.agent
            ) { server in
                let client = try server.connect()
                for _ in 0..<3 {
                    let answer = try await client.ask(request("GET", "/v1/tools/github/users/alice/token"))
                    #expect(answer.status == (isUser ? 200 : 403))
                }
            }
            #expect(asked.withLock { $0 } == ["assistants.service 1000"])
        }
    }

    @Test("who may not follow events any more is shown none, and the stream ends")
    func followerWithoutRight() async throws {
        @Sendable func granting(_ action: Action) -> AccessRules {
            AccessRules(clients: [Self.rule([action], match: PeerMatch(uid: 1000))], daemonUID: 990, socketGID: 991)
        }
        let hub = EventHub(startedAt: Sample.time)
        let rules = RulesInForce(granting(.events))
        try await withServer(events: hub, rules: rules, identify: Self.agent) { server in
            let client = try server.connect()
            try await client.send(request("GET", "/v1/events"))
            let reloaded = ToolAuthEvent(.configurationReloaded, at: Sample.time, toolID: nil, detail: nil)
            _ = try await client.readText { $0.contains("retry") }
            hub.publish(reloaded)
            _ = try await client.readText { $0.contains("configuration.reloaded") }
            rules.replace(granting(.token))
            hub.publish(reloaded)
            let rest = try await client.readText { $0.hasSuffix("0\r\n\r\n") }
            #expect(!rest.contains("configuration.reloaded"))
        }
    }

    @Test("a peer that is no user of the unit falls to the next rule that is for it")
    func nextRule() async throws {
        let rules = [
            Self.rule([.admin], match: PeerMatch(unit: Self.unit)), Self.rule([.token], match: PeerMatch(uid: 1000)),
        ]
        try await withServer(clients: rules, isUserOfUnit: { _, _ in false }, identify: Self.agent) { server in
            let client = try server.connect()
            #expect(try await client.status("POST", "/v1/tools/github/pause") == 403)
            #expect(try await client.status("GET", "/v1/tools/github/users/alice/token") == 200)
        }
    }

    @Test("where it cannot be told whether the unit is a peer's own, no later rule is for it")
    func noLaterRule() async throws {
        let rules = [
            Self.rule([.status], match: PeerMatch(unit: Self.unit)), Self.rule([.token], match: PeerMatch(uid: 1000)),
        ]
        try await withServer(clients: rules, isUserOfUnit: { _, _ in nil }, identify: Self.agent) { server in
            let client = try server.connect()
            #expect(try await client.status("GET", "/v1/status") == 403)
            #expect(try await client.status("GET", "/v1/tools/github/users/alice/token") == 403)
        }
    }

    @Test("a peer has its allowance of connections, and gets another once one is closed")
    func connections() async throws {
        var limits = APILimits()
        limits.maxConnectionsPerPeer = 2
        let uid = Locked<UInt32>(1000)
        try await withServer(
            limits: limits, clients: [Self.rule(match: PeerMatch())],
            identify: { _ in Peer(pid: 7, uid: uid.withLock { $0 }, gid: 1000, groups: []) }
        ) { server in
            let first = try server.connect()
            #expect(try await first.status("GET", "/healthz") == 200)
            do {
                let second = try server.connect()
                #expect(try await second.status("GET", "/healthz") == 200)
                let third = try await server.ask(request("GET", "/healthz"))
                #expect(third.status == 503)
                #expect(try third.decode(ProblemBody.self).code == "too-many-connections")
                #expect(third.fields["connection"] == "close")
                uid.withLock { $0 = 1001 }
                #expect(try await server.status("GET", "/healthz") == 200, "another user has his own")
                uid.withLock { $0 = 1000 }
            }
            try await eventually("the closed one is given back") {
                try await server.status("GET", "/healthz") == 200
            }
        }
    }

    @Test("a peer over its rate is told when to come back")
    func rate() async throws {
        var limits = APILimits()
        limits.maxRequestRatePerPeer = 2
        try await withServer(limits: limits) { server in
            let client = try server.connect()
            var statuses: [Int] = []
            var last: RawAnswer?
            // However slow this machine is, more than two a second come through only if the limit is none.
            while statuses.count < 1000, last?.status != 429 {
                last = try await client.ask(request("GET", "/v1/status"))
                statuses.append(last?.status ?? 0)
            }
            #expect(last?.status == 429)
            #expect(last?.fields["retry-after"] == "1")
            #expect(try last?.decode(ProblemBody.self).code == "rate-limited")
            #expect(statuses.prefix(2) == [200, 200])
        }
    }

    @Test("a bucket gives what came in, never more than a second's worth")
    func bucket() {
        let start = ContinuousClock.now
        var bucket = RequestBucket(rate: 2, now: start)
        #expect(bucket.isFull(at: start))
        #expect(bucket.take(at: start) == nil)
        #expect(bucket.take(at: start) == nil)
        #expect(bucket.take(at: start) == .milliseconds(500))
        #expect(bucket.take(at: start + .milliseconds(250)) == .milliseconds(250))
        #expect(bucket.take(at: start + .milliseconds(500)) == nil)
        #expect(!bucket.isFull(at: start + .milliseconds(1400)))
        #expect(bucket.isFull(at: start + .seconds(60)))
        #expect(bucket.take(at: start + .seconds(60)) == nil)
        #expect(bucket.take(at: start + .seconds(60)) == nil)
        #expect(bucket.take(at: start + .seconds(60)) != nil)
    }
}

extension TestServer {
    fileprivate func status(_ method: String, _ path: String) async throws -> Int {
        try await ask(request(method, path)).status
    }
}

extension RawClient {
    fileprivate func status(_ method: String, _ path: String) async throws -> Int {
        try await ask(request(method, path)).status
    }
}
