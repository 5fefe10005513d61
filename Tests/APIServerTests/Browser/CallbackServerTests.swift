import HTTPTypes
import NIOHTTP1
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The listener for browsers")
struct CallbackServerTests {
    private func ask(
        _ service: FakeService, _ method: HTTPTypes.HTTPRequest.Method, _ target: String
    ) async throws -> (status: Int, fields: HTTPFields) {
        let handler = CallbackHandler(service: service, report: { _ in })
        let head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: method.rawValue), uri: target)
        let response = await handler.respond(to: APIRequest(head, nil))
        return (response.status.code, response.headers)
    }

    @Test("completes a flow, and shows that it did")
    func completes() async throws {
        let service = FakeService()
        let answer = try await ask(service, .get, "/callback?code=c%20x&state=s&iss=https%3A%2F%2Fid.example.com")
        #expect(answer.status == 200)
        #expect(answer.fields[.contentType] == "text/html; charset=utf-8")
        #expect(answer.fields[.cacheControl] == "no-store")
        #expect(answer.fields[.contentSecurityPolicy]?.contains("default-src 'none'; style-src 'sha256-") == true)
        #expect(answer.fields[HTTPField.Name("Referrer-Policy")!] == "no-referrer")
        #expect(service.calls.first == "callback s c x -/-")
        #expect(service.scopes.first == .all)
    }

    @Test("sends the browser on where that was asked for, whether it worked or not")
    func redirects() async throws {
        let service = FakeService()
        service.set { $0.redirectTo = "https://app.example.com/done?tool_id=github&result=connected" }
        let done = try await ask(service, .get, "/callback?code=c&state=s")
        #expect(done.status == 303)
        #expect(done.fields[.location] == "https://app.example.com/done?tool_id=github&result=connected")
        #expect(done.fields[HTTPField.Name("Referrer-Policy")!] == "no-referrer")
        service.set {
            $0.failure = ToolAuthError(.providerError, "no")
            $0.failure?.redirectTo = "https://app.example.com/done?tool_id=github&result=failed&error=x"
        }
        let failed = try await ask(service, .get, "/callback?error=x&state=s")
        #expect(failed.status == 303)
        #expect(failed.fields[.location]?.hasSuffix("result=failed&error=x") == true)
    }

    @Test(
        "serves nothing else, and uses no state up for it",
        arguments: [
            ("GET", "/", 404), ("GET", "/callback/", 404), ("GET", "/v1/status", 404),
            ("GET", "/%63allback?state=s", 404),
            ("POST", "/callback?code=c&state=s", 405), ("HEAD", "/callback?code=c&state=s", 405),
            ("GET", "/callback", 400), ("GET", "/callback?code=c", 400), ("GET", "/callback?state=a&state=b", 400),
            ("GET", "/callback?state=%zz", 400),
        ] as [(String, String, Int)])
    func refuses(_ method: String, _ target: String, _ status: Int) async throws {
        let service = FakeService()
        let answer = try await ask(service, try #require(HTTPTypes.HTTPRequest.Method(method)), target)
        #expect(answer.status == status)
        #expect(service.calls.isEmpty)
        #expect(answer.fields[.contentSecurityPolicy] != nil)
        if status == 405 { #expect(answer.fields[.allow] == "GET") }
    }
}
