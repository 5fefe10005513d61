import OAuth
import Testing
import ToolAuthCore

private let format = Fixture.format {
    $0.grantRejected = ["invalid_refresh_token"]
    $0.clientRejected = ["bad_client_secret"]
    $0.transient = ["internal_error"]
    $0.failedWhen = .init(path: "ok", equals: "false")
}

private func outcome(
    _ result: Result<HTTPReply, TransportFailure>, secrets: [Secret] = [Secret("stored-refresh-token")]
) -> RefreshOutcome {
    RefreshClassification.outcome(
        of: result, format, Fixture.context(keepsRefreshToken: true), secrets: secrets, now: Fixture.now)
}

private func outcome(_ status: Int, _ body: String) -> RefreshOutcome {
    outcome(Fixture.success(status, body))
}

private let html = "<html><body>504 Gateway Time-out</body></html>"

@Suite("The outcome table of refreshes")
struct RefreshClassificationTests {
    @Test("row 1: a declared success with an access token is refreshed, of whatever type the token is")
    func refreshed() throws {
        guard case .refreshed(let grant) = outcome(200, #"{"access_token":"new","refresh_token":"next"}"#) else {
            Issue.record("not refreshed")
            return
        }
        #expect(grant.accessToken == Secret("new"))
        #expect(grant.refreshToken == Secret("next"))
        #expect(outcome(200, #"{"access_token":"new","token_type":"mac"}"#).name == "refreshed")
        #expect(outcome(200, #"{"access_token":"new","error":""}"#).name == "refreshed")
        #expect(outcome(200, #"{"ok":true,"access_token":"new"}"#).name == "refreshed")
    }

    @Test(
        "row 2: no name, connection or TLS is a transient failure of the endpoint",
        arguments: [TransportFailure.Kind.resolve, .connect, .tls, .timeout, .interrupted])
    func unreachable(kind: TransportFailure.Kind) {
        let end = outcome(.failure(TransportFailure(kind, mayHaveBeenSent: false, detail: "why")))
        guard case .transient(let failure, nil, atEndpoint: true) = end else {
            Issue.record("\(end.name)")
            return
        }
        #expect(failure == AttemptFailure(code: kind.rawValue, detail: "why"))
    }

    @Test(
        "row 3: whatever ends after the request may have been sent is ambiguous",
        arguments: [
            TransportFailure.Kind.refused, .resolve, .connect, .tls, .timeout, .interrupted, .replyTooLarge, .cancelled,
            .shutDown, .other,
        ])
    func ambiguous(kind: TransportFailure.Kind) {
        let end = outcome(.failure(TransportFailure(kind, mayHaveBeenSent: true, detail: "why")))
        #expect(end.name == "ambiguous")
        #expect(end.failure?.code == kind.rawValue)
    }

    @Test(
        "what ended on our side before anything was sent is transient, and no fault of the endpoint",
        arguments: [TransportFailure.Kind.cancelled, .shutDown, .other, .replyTooLarge])
    func ours(kind: TransportFailure.Kind) {
        let end = outcome(.failure(TransportFailure(kind, mayHaveBeenSent: false, detail: "why")))
        guard case .transient(_, nil, atEndpoint: false) = end else {
            Issue.record("\(end.name)")
            return
        }
    }

    @Test("a request that our own configuration forbids is rejected, not tried again soon")
    func forbidden() {
        let end = outcome(.failure(TransportFailure(.refused, mayHaveBeenSent: false, detail: "plain http")))
        #expect(end.name == "request_rejected")
    }

    @Test(
        "row 4: 408, 425, 429 and 5xx are transient whatever the body", arguments: [408, 425, 429, 500, 502, 503, 599])
    func transientStatus(status: Int) {
        let bodies = [
            "", html, "{}", #"{"error":"invalid_grant"}"#, #"{"error":"invalid_client"}"#, #"{"access_token":"a"}"#,
        ]
        for body in bodies {
            let end = outcome(status, body)
            #expect(end.name == "transient", "\(body)")
            #expect(end.failure?.providerStatus == status)
        }
    }

    @Test(
        "row 4: errors that pass are transient at any status",
        arguments: ["temporarily_unavailable", "server_error", "slow_down", "internal_error"])
    func transientError(code: String) {
        for status in [200, 302, 400, 401, 403] {
            let end = outcome(status, #"{"error":"\#(code)"}"#)
            #expect(end.name == "transient", "\(status)")
            #expect(end.failure?.code == code)
        }
    }

    @Test("row 4: Retry-After is passed on, with any transient answer")
    func retryAfter() {
        for (status, body) in [(503, html), (429, "{}"), (400, #"{"error":"slow_down"}"#), (403, html)] {
            guard
                case .transient(_, let wait, atEndpoint: false) = outcome(
                    Fixture.success(status, body, [("Retry-After", "120")]))
            else {
                Issue.record("\(status) is not transient")
                continue
            }
            #expect(wait == .seconds(120))
        }
    }

    @Test(
        "row 5: a body that no token endpoint sends, with 4xx, is transient",
        arguments: ["", " ", html, "[]", "\"x\"", "null", "{", "Forbidden"])
    func foreignBody(body: String) {
        for status in [400, 401, 403, 404, 407, 451] {
            #expect(outcome(status, body).name == "transient", "\(status)")
        }
    }

    @Test(
        "row 6, RFC 6749 §5.2: invalid_grant and the provider's names for it reject the grant at any status but 5xx",
        arguments: ["invalid_grant", "invalid_refresh_token"])
    func grantRejected(code: String) {
        for status in [200, 201, 302, 400, 401, 403, 404] {
            #expect(outcome(status, #"{"error":"\#(code)"}"#).name == "grant_rejected", "\(status)")
        }
        #expect(outcome(200, #"{"ok":false,"error":"\#(code)","access_token":"old"}"#).name == "grant_rejected")
    }

    @Test(
        "row 7, RFC 6749 §5.2: invalid_client and the provider's names for it reject the client",
        arguments: ["invalid_client", "bad_client_secret"])
    func clientRejected(code: String) {
        for status in [200, 400, 401] {
            #expect(outcome(status, #"{"error":"\#(code)"}"#).name == "client_rejected", "\(status)")
        }
    }

    @Test(
        "row 8: any other error rejects the request, and never the grant",
        arguments: [
            (400, #"{"error":"invalid_request"}"#, "invalid_request"),
            (400, #"{"error":"invalid_scope"}"#, "invalid_scope"),
            (401, #"{"error":"unauthorized_client"}"#, "unauthorized_client"), (404, #"{"message":"x"}"#, "http_404"),
            (200, #"{"ok":false}"#, "http_200"), (200, #"{"error":"weird"}"#, "weird"),
            (200, #"{"error":{"code":190}}"#, "http_200"), (400, #"{"error":"INVALID_GRANT"}"#, "INVALID_GRANT"),
            (400, #"{"error":"x","error_description":"invalid_grant"}"#, "x"), (400, "{}", "http_400"),
            (400, #"{"access_token":"a"}"#, "http_400"),
        ])
    func requestRejected(status: Int, body: String, code: String) {
        let end = outcome(status, body)
        #expect(end.name == "request_rejected")
        #expect(end.failure?.code == code)
        #expect(end.failure?.providerStatus == status)
    }

    @Test(
        "row 8, RFC 9700: a redirect is never followed, and rejects the request",
        arguments: [300, 301, 302, 303, 307, 308])
    func redirect(status: Int) {
        for body in ["", html, "{}", #"{"access_token":"a"}"#] {
            let end = outcome(Fixture.success(status, body, [("Location", "https://elsewhere.example/")]))
            #expect(end.name == "request_rejected")
        }
    }

    @Test(
        "row 9: a success without a usable access token is malformed",
        arguments: [
            "", html, "{}", "[]", #"{"access_token":""}"#, #"{"access_token":7}"#, #"{"token":"a"}"#, "{\"access_",
        ])
    func malformed(body: String) {
        let end = outcome(200, body)
        #expect(end.name == "malformed")
        #expect(end.failure?.code == "malformed")
    }

    @Test("row 9: a refresh token in a malformed reply is not lost")
    func malformedWithToken() {
        guard case .malformed(_, let token) = outcome(200, #"{"refresh_token":"next","access_token":null}"#) else {
            Issue.record("not malformed")
            return
        }
        #expect(token == Secret("next"))
        guard case .malformed(_, let other) = outcome(202, #"{"refresh_token":"next","access_token":"a"}"#) else {
            Issue.record("202 is no declared success")
            return
        }
        #expect(other == Secret("next"))
    }

    @Test("a status that HTTP does not have is ambiguous", arguments: [0, 100, 199, 600, 999, -1])
    func senseless(status: Int) {
        for body in ["", "{}", #"{"error":"x"}"#] { #expect(outcome(status, body).name == "ambiguous") }
    }

    @Test("the provider's words are kept, cleaned and cut")
    func description() {
        let long = "line\\nbreak \\u001b" + String(repeating: "x", count: 500)
        let failure = outcome(400, #"{"error":"invalid_scope","error_description":"\#(long)"}"#).failure
        #expect(failure?.detail.hasPrefix("line break ") == true)
        #expect(failure?.detail.unicodeScalars.count == 200)
        #expect(failure?.detail.unicodeScalars.contains { $0.value < 0x20 } == false)
    }

    @Test("what was sent never comes back in an error")
    func echoed() {
        let sent = "stored-refresh-token"
        for body in [
            #"{"error":"invalid_grant","error_description":"unknown token \#(sent)"}"#,
            #"{"error":"\#(sent)","error_description":"\#(sent)"}"#, #"{"error":"x\#(sent)y"}"#,
        ] {
            let failure = outcome(400, body).failure
            #expect(failure?.detail.contains(sent) == false)
            #expect(failure?.code.contains(sent) == false)
        }
        #expect(outcome(400, #"{"error":"invalid_grant","error_description":"\#(sent)"}"#).name == "grant_rejected")
    }
}
