import SocketAPI
import Testing
import ToolAuthCore

@testable import ToolAuthClient

@Suite("Writing a request")
struct RequestTests {
    @Test(
        "every byte that is not unreserved is percent-encoded",
        arguments: [
            ("alice", "alice"), ("a-b._~Z9", "a-b._~Z9"), ("alice@example.com", "alice%40example.com"),
            ("a/b", "a%2Fb"), ("a b+c", "a%20b%2Bc"), ("50%", "50%25"), ("?#&=", "%3F%23%26%3D"),
            ("jos\u{e9}", "jos%C3%A9"), ("jose\u{301}", "jose%CC%81"), ("山", "%E5%B1%B1"), ("", ""),
        ])
    func percentEncoding(_ text: String, _ encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
    }

    @Test("a request has its line, its fields and its body")
    func wholeRequest() {
        let request = APIRequest(
            .put, ["v1", "tools", "gmail", "users", "a/b"],
            query: [(name: "x", value: "1 2"), (name: "y", value: nil)],
            fields: [("If-Match", "\"7\"")], body: Array("{}".utf8))
        let expected = """
            PUT /v1/tools/gmail/users/a%2Fb?x=1%202 HTTP/1.1\r
            Host: localhost\r
            Accept: application/json, application/problem+json\r
            If-Match: "7"\r
            Content-Type: application/json\r
            Content-Length: 2\r
            \r
            {}
            """
        #expect(String(decoding: request.encoded(), as: UTF8.self) == expected)
    }

    @Test(
        "durations go out in whole seconds, rounded up",
        arguments: [
            (Duration.zero, Int64(0)), (.seconds(1), 1), (.milliseconds(1), 1), (.milliseconds(1999), 2),
            (.seconds(-1), -1),
        ])
    func seconds(_ duration: Duration, _ expected: Int64) {
        #expect(wholeSeconds(duration) == expected)
    }

    @Test(
        "a token call waits for the daemon as long as it asks it to wait",
        arguments: [
            (Duration?.none, Duration.seconds(10)), (.seconds(60), .seconds(60)), (.seconds(1_000_000), .seconds(60)),
            (.seconds(-5), .zero),
        ])
    func patience(_ wait: Duration?, _ expected: Duration) throws {
        let gmail = try #require(ToolID("gmail"))
        let alice = try #require(UserID("alice"))
        #expect(APICall.token(gmail, alice, minValidity: nil, wait: wait).patience == expected)
    }

    @Test("to accept an endpoint waits for the attempts at the former one, which end within a minute")
    func acceptance() throws {
        let gmail = try #require(ToolID("gmail"))
        #expect(try APICall.resumeTool(gmail, acceptingEndpoint: true).patience >= .seconds(60))
        #expect(try APICall.resumeTool(gmail, acceptingEndpoint: false).patience == .zero)
    }
}
