import OAuth
import Testing
import ToolAuthCore

private func refresh(_ status: Int, _ body: String, _ change: (inout TokenResponseFormat) -> Void) async
    -> RefreshOutcome
{
    var configuration = Fixture.configuration()
    change(&configuration.refresh.response)
    return await authentication(StubTransport(Fixture.success(status, body)), configuration).tryRefreshToken(
        Fixture.toolAuth())
}

private func token(_ body: String, _ change: (inout TokenResponseFormat) -> Void) async -> TokenGrant? {
    guard case .refreshed(let grant) = await refresh(200, body, change) else { return nil }
    return grant
}

@Suite("Where a reply keeps its token")
struct ReplyPlaceTests {
    @Test(
        "is the first place of the list that leads to an object",
        arguments: [
            (#"{"authed_user":{"access_token":"user"},"access_token":"top"}"#, "user"),
            (#"{"access_token":"top"}"#, "top"), (#"{"authed_user":null,"access_token":"top"}"#, "top"),
            (#"{"authed_user":"x","access_token":"top"}"#, "top"),
            (#"{"authed_user":{},"access_token":"top"}"#, nil),
        ] as [(String, String?)])
    func list(body: String, value: String?) async {
        let grant = await token(body) { $0.at = ["authed_user", ""] }
        #expect(grant?.accessToken.reveal() == value)
    }

    @Test(
        "may be an element of an array, counted from 0",
        arguments: [("data.0", "first"), ("data.1", "second"), ("data.2", nil), ("data.-1", nil), ("data.x", nil)]
            as [(String, String?)])
    func array(path: String, value: String?) async {
        let body = #"{"data":[{"access_token":"first","user":{"id":1}},{"access_token":"second"}]}"#
        #expect(await token(body) { $0.at = [path] }?.accessToken.reveal() == value)
    }

    @Test("gives metadata by paths through arrays too")
    func metadata() async {
        let body = #"{"access_token":"a","data":[{"id":7},{"id":"x"}],"list":["one"]}"#
        let grant = await token(body) { $0.metadata = ["data.0.id", "data.1.id", "list.0", "list", "data.2.id"] }
        #expect(grant?.metadata == ["data.0.id": "7", "data.1.id": "x", "list.0": "one"])
    }
}

@Suite("What a reply says of its error")
struct ReplyErrorTests {
    private func outcome(_ body: String, status: Int = 400) async -> String {
        let end = await refresh(status, body) {
            $0.error = ["error.type", "error.code", "error"]
            $0.grantRejected = ["expired", "190"]
            $0.clientRejected = ["bad_app"]
            $0.transient = ["busy"]
            $0.transientStatuses = [403, 420]
        }
        return "\(end.name) \(end.failure?.code ?? "")"
    }

    @Test(
        "is the first name of the list that is known, else the first that is there",
        arguments: [
            (#"{"error":{"type":"OAuthException","code":"expired"}}"#, "grant_rejected expired"),
            (#"{"error":{"type":"OAuthException","code":190}}"#, "grant_rejected 190"),
            (#"{"error":{"type":"expired","code":"busy"}}"#, "grant_rejected expired"),
            (#"{"error":{"type":"OAuthException","code":"bad_app"}}"#, "client_rejected bad_app"),
            (#"{"error":{"type":"OAuthException","code":"busy"}}"#, "transient busy"),
            (#"{"error":{"type":"OAuthException","code":"other"}}"#, "request_rejected OAuthException"),
            (#"{"error":{"type":null,"code":"other"}}"#, "request_rejected other"),
            (#"{"error":"invalid_grant"}"#, "grant_rejected invalid_grant"),
            (#"{"error":"invalid_client"}"#, "client_rejected invalid_client"),
        ])
    func names(body: String, told: String) async {
        #expect(await outcome(body) == told)
    }

    @Test(
        "is of the client only with the statuses that the document lists, where it lists some",
        arguments: [(401, "access_denied", true), (403, "access_denied", false), (403, "invalid_client", true)])
    func clientRejectedStatus(status: Int, name: String, isOfClient: Bool) async {
        let body = #"{"error":"\#(name)"}"#
        let change: @Sendable (inout TokenResponseFormat) -> Void = {
            $0.clientRejected = ["access_denied"]
            $0.clientRejectedStatuses = [401]
        }
        #expect(await refresh(status, body, change).name == (isOfClient ? "client_rejected" : "request_rejected"))
        var configuration = Fixture.configuration()
        change(&configuration.token.response)
        let transport = StubTransport(Fixture.success(status, body))
        let error = await failure {
            try await authentication(transport, configuration).retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending())
        }
        #expect(error?.code == .providerError)
        #expect(error?.reason == (isOfClient ? "client_rejected" : nil))
    }

    @Test("does not count where the document says that the status passes by itself", arguments: [403, 420])
    func transientStatus(status: Int) async {
        #expect(await outcome(#"{"error":"invalid_grant"}"#, status: status) == "transient invalid_grant")
        var configuration = Fixture.configuration()
        configuration.token.response.transientStatuses = [status]
        let transport = StubTransport(Fixture.success(status, #"{"error":"invalid_grant"}"#))
        let error = await failure {
            try await authentication(transport, configuration).retrieveAuthToken(
                from: Fixture.callback(), pending: Fixture.pending())
        }
        #expect(error?.code == .providerUnreachable)
    }
}
