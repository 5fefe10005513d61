import HTTPTypes
import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("Access")
struct AccessTests {
    static let strangers: [@Sendable (CInt) -> Peer?] = [
        { _ in Peer(pid: 1, uid: 1000, gid: 1000, groups: []) }, { _ in nil },
    ]

    @Test("a stranger, and whom the kernel does not name, may ask for health and nothing else", arguments: [0, 1])
    func stranger(_ index: Int) async throws {
        let service = FakeService()
        try await withServer(service, identify: Self.strangers[index]) { server in
            let client = try server.connect()
            for test in RouteTests.cases where test.isRuled {
                let answer = try await client.ask(test.request)
                #expect(answer.status == 403)
                #expect(try answer.decode(ProblemBody.self).code == "forbidden")
            }
            let health = try await client.ask(request("GET", "/healthz"))
            #expect(health.status == 200)
        }
        #expect(service.calls.isEmpty)
    }

    @Test("the kernel is asked once for each connection, not for each request")
    func once() async throws {
        let asked = Locked(0)
        let identify: @Sendable (CInt) -> Peer? = { descriptor in
            asked.withLock { $0 += 1 }
            return root(descriptor)
        }
        try await withServer(identify: identify) { server in
            let client = try server.connect()
            for _ in 0..<3 { _ = try await client.ask(request("GET", "/healthz")) }
            _ = try await server.ask(request("GET", "/healthz"))
        }
        #expect(asked.withLock { $0 } == 2)
    }

    @Test(
        "each route asks for the action of the API's table, with its tool and user",
        arguments: [
            (Resource.authorize(Sample.key), "POST", Action.authorize), (.authorization(id: "x"), "GET", .authorize),
            (.authorization(id: "x"), "DELETE", .authorize), (.callback, "POST", .callback),
            (.token(Sample.key), "GET", .token), (.refresh(Sample.key), "POST", .refresh),
            (.toolAuth(Sample.key), "GET", .read), (.toolAuth(Sample.key), "PUT", .import),
            (.toolAuth(Sample.key), "DELETE", .delete), (.tools, "GET", .read), (.toolAuths, "GET", .read),
            (.pauseTool(Sample.key.toolID), "POST", .admin), (.resumeTool(Sample.key.toolID), "POST", .admin),
            (.resume, "POST", .admin), (.events, "GET", .events), (.status, "GET", .status),
            (.metrics, "GET", .metrics), (.health, "GET", nil), (.openAPI, "GET", nil),
        ] as [(Resource, String, Action?)])
    func actions(_ resource: Resource, _ method: String, _ action: Action?) throws {
        #expect(resource.action(for: try #require(.init(method))) == action)
        #expect(resource.methods.map(\.rawValue).contains(method))
    }

    @Test("the rule is asked about the tool and the user of the path")
    func subject() throws {
        #expect(try Resource(path: "/v1/tools/github/users/alice/token").key == Sample.key)
        #expect(try Resource(path: "/v1/tools/github/users/alice").key == Sample.key)
        #expect(try Resource(path: "/v1/auths").key == nil)
        #expect(try Resource(path: "/v1/tools/github/users/alice").toolID == Sample.key.toolID)
        #expect(try Resource(path: "/v1/tools/github/pause").toolID == Sample.key.toolID)
        #expect(try Resource(path: "/v1/tools/github/resume").toolID == Sample.key.toolID)
        #expect(try Resource(path: "/v1/tools/github/pause").key == nil)
        #expect(try Resource(path: "/v1/resume").toolID == nil)
    }
}
