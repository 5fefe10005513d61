import OAuth
import Testing
import ToolAuthCore

private func exchange(
    _ result: Result<HTTPReply, TransportFailure>, _ format: TokenResponseFormat = TokenResponseFormat()
) -> Result<ExchangeClassification.Success, ToolAuthError> {
    do throws(ToolAuthError) {
        return .success(
            try ExchangeClassification.success(
                of: result, format, Fixture.context(), secrets: [Secret("the-authorization-code")], now: Fixture.now))
    } catch {
        return .failure(error)
    }
}

private func failure(
    _ status: Int, _ body: String, _ headers: [(name: String, value: String)] = []
) -> ToolAuthError? {
    if case .failure(let error) = exchange(Fixture.success(status, body, headers)) { error } else { nil }
}

@Suite("Outcomes of exchanges")
struct ExchangeClassificationTests {
    @Test("a success gives the grant, and the ID token beside it")
    func success() throws {
        let body = #"{"access_token":"a","id_token":"x.y.z","token_type":"Bearer"}"#
        let success = try exchange(Fixture.success(200, body)).get()
        #expect(success.grant.accessToken == Secret("a"))
        #expect(success.idToken == "x.y.z")
    }

    @Test(
        "RFC 6749 §5.2: an OAuth error is the provider's refusal",
        arguments: [
            (400, "invalid_grant"), (400, "invalid_request"), (401, "invalid_client"), (403, "access_denied"),
            (200, "bad_verification_code"), (400, "temporarily_unavailable"),
        ])
    func refused(status: Int, code: String) {
        let error = failure(status, #"{"error":"\#(code)","error_description":"why"}"#)
        #expect(error?.code == .providerError)
        #expect(error?.provider == AttemptFailure(code: code, detail: "why", providerStatus: status))
        #expect(error?.detail.contains("why") == true)
        #expect((error?.reason == "client_rejected") == (code == "invalid_client"))
    }

    @Test("the provider's own names for a rejected client count")
    func clientRejected() {
        let format = Fixture.format { $0.clientRejected = ["incorrect_client_credentials"] }
        guard
            case .failure(let error) = exchange(
                Fixture.success(200, #"{"error":"incorrect_client_credentials"}"#), format)
        else {
            Issue.record("not refused")
            return
        }
        #expect(error.code == .providerError)
        #expect(error.reason == "client_rejected")
    }

    @Test(
        "5xx, a lost server, HTML and the wrong shape mean that the provider cannot be reached",
        arguments: [
            (500, #"{"error":"invalid_grant"}"#), (503, ""), (429, #"{"error":"rate"}"#), (408, ""),
            (200, "<html></html>"),
            (200, ""), (200, "{}"), (200, #"{"access_token":7}"#), (201, #"{"access_token":"a"}"#),
            (400, "<html></html>"),
            (404, #"{"message":"x"}"#), (302, ""), (999, #"{"error":"x"}"#),
        ])
    func unreachable(status: Int, body: String) {
        let error = failure(status, body)
        #expect(error?.code == .providerUnreachable)
        #expect(error?.provider?.providerStatus == status)
    }

    @Test("no reply at all means that the provider cannot be reached", arguments: [true, false])
    func noReply(mayHaveBeenSent: Bool) {
        let result = exchange(.failure(TransportFailure(.timeout, mayHaveBeenSent: mayHaveBeenSent, detail: "30 s")))
        guard case .failure(let error) = result else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == .providerUnreachable)
        #expect(error.provider?.code == "timeout")
    }

    @Test("Retry-After is passed on")
    func retryAfter() {
        #expect(failure(503, "", [("Retry-After", "7")])?.retryAfter == .seconds(7))
    }

    @Test("the code never comes back in an error")
    func echoed() {
        let error = failure(400, #"{"error":"invalid_grant","error_description":"the-authorization-code is used"}"#)
        #expect(error?.detail.contains("the-authorization-code") == false)
        #expect(error?.provider?.detail.contains("the-authorization-code") == false)
    }
}
