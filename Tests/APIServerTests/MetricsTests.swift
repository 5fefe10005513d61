import HTTPTypes
import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("Metrics")
struct MetricsTests {
    private static let grant = "/v1/tools/github/users/alice"

    /// The samples of a page that begin so, without the durations themselves.
    private func samples(_ answer: RawAnswer, _ prefix: String) -> [String] {
        answer.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }

    @Test("the service's page comes first, then the API's own, in Prometheus' text format")
    func page() async throws {
        try await withServer { server in
            let answer = try await server.ask(request("GET", "/metrics"))
            #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(
                answer.text == """
                    # HELP a A.
                    # TYPE a gauge
                    a 1
                    # HELP toolauth_api_requests_total Requests of the API that were answered.
                    # TYPE toolauth_api_requests_total counter
                    # HELP toolauth_api_request_duration_seconds From having a whole request to having its answer.
                    # TYPE toolauth_api_request_duration_seconds histogram

                    """)
        }
    }

    @Test("requests are counted by route and status, whoever and whatever they are about")
    func requests() async throws {
        let service = FakeService()
        try await withServer(service) { server in
            let client = try server.connect()
            for user in ["alice", "bob", "x%2Fy"] {
                _ = try await client.ask(request("GET", "/v1/tools/github/users/\(user)/token"))
            }
            service.set { $0.failure = ToolAuthError(.notConnected, "No.") }
            _ = try await client.ask(request("GET", "\(Self.grant)/token"))
            service.set { $0.failure = nil }
            _ = try await client.ask(request("PUT", Self.grant, json: #"{"access_token":"a"}"#))
            _ = try await client.ask(request("GET", Self.grant))
            _ = try await client.ask(request("GET", "/metrics"))
            let answer = try await client.ask(request("GET", "/metrics"))
            #expect(
                samples(answer, "toolauth_api_requests_total") == [
                    #"toolauth_api_requests_total{route="GET /metrics",code="200"} 1"#,
                    #"toolauth_api_requests_total{route="GET /v1/tools/{tool_id}/users/{user_id}",code="200"} 1"#,
                    #"toolauth_api_requests_total{route="GET /v1/tools/{tool_id}/users/{user_id}/token",code="200"} 3"#,
                    #"toolauth_api_requests_total{route="GET /v1/tools/{tool_id}/users/{user_id}/token",code="404"} 1"#,
                    #"toolauth_api_requests_total{route="PUT /v1/tools/{tool_id}/users/{user_id}",code="201"} 1"#,
                ])
            #expect(
                samples(answer, "toolauth_api_request_duration_seconds_count") == [
                    #"toolauth_api_request_duration_seconds_count{route="GET /metrics"} 1"#,
                    #"toolauth_api_request_duration_seconds_count{route="GET /v1/tools/{tool_id}/users/{user_id}"} 1"#,
                    #"toolauth_api_request_duration_seconds_count{route="GET /v1/tools/{tool_id}/users/{user_id}/token"} 4"#,
                    #"toolauth_api_request_duration_seconds_count{route="PUT /v1/tools/{tool_id}/users/{user_id}"} 1"#,
                ])
        }
    }

    @Test("what names no route is counted as one, whatever its path and method, and what cannot be read too")
    func noRoute() async throws {
        try await withServer { server in
            let client = try server.connect()
            for number in 0..<3 { _ = try await client.ask(request("GET", "/path\(number)")) }
            _ = try await client.ask(request("DELETE", "/v1/tools"))
            try await client.send("nonsense\r\n\r\n")
            _ = try await client.readAnswer()
            let answer = try await server.ask(request("GET", "/metrics"))
            #expect(
                samples(answer, "toolauth_api_requests_total") == [
                    #"toolauth_api_requests_total{route="none",code="400"} 1"#,
                    #"toolauth_api_requests_total{route="none",code="404"} 3"#,
                    #"toolauth_api_requests_total{route="none",code="405"} 1"#,
                ])
        }
    }

    @Test("a token that had to be waited for took as long")
    func waiting() async throws {
        let turnstile = Turnstile()
        let service = FakeService(turnstile: turnstile)
        let now = Locked(ContinuousClock.now)
        let metrics = APIMetrics { now.withLock { $0 } }
        try await withServer(service, metrics: metrics) { server in
            let client = try server.connect()
            try await client.send(request("GET", "\(Self.grant)/token"))
            try await eventually("it is asked for") { service.calls.count == 1 }
            now.withLock { $0 += .milliseconds(120) }
            turnstile.open()
            _ = try await client.readAnswer()
            let answer = try await client.ask(request("GET", "/metrics"))
            let label = #"route="GET /v1/tools/{tool_id}/users/{user_id}/token""#
            let name = "toolauth_api_request_duration_seconds"
            for (bound, count) in [("0.1", 0), ("0.25", 1), ("+Inf", 1)] {
                #expect(
                    samples(answer, "\(name)_bucket{\(label),le=\"\(bound)\"}") == [
                        "\(name)_bucket{\(label),le=\"\(bound)\"} \(count)"
                    ])
            }
            #expect(samples(answer, "\(name)_sum{\(label)}") == ["\(name)_sum{\(label)} 0.12"])
        }
    }

    @Test("every path and method that is served has a route of its own")
    func routes() {
        let resources: [Resource] = [
            .authorize(Sample.key), .authorization(id: "x"), .callback, .token(Sample.key), .refresh(Sample.key),
            .toolAuth(Sample.key), .tools, .pauseTool(Sample.key.toolID), .resumeTool(Sample.key.toolID), .toolAuths,
            .status, .resume, .metrics, .health,
        ]
        let routes = resources.flatMap { resource in resource.methods.map { resource.route(for: $0) ?? "" } }
        #expect(Set(routes).count == routes.count)
        for (route, method) in zip(routes, resources.flatMap(\.methods)) {
            #expect(route.hasPrefix("\(method.rawValue) /"))
        }
    }
}
