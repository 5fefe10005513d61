import OAuth
import Testing
import ToolAuthCore

private func check(
    _ callback: Callback, _ pending: PendingAuthorization = Fixture.pending(), codeParameter: String = "code"
) -> Result<Secret, ToolAuthError> {
    do throws(ToolAuthError) {
        return .success(try CallbackCheck.code(of: callback, pending: pending, codeParameter: codeParameter))
    } catch {
        return .failure(error)
    }
}

private func refusal(_ callback: Callback, _ pending: PendingAuthorization = Fixture.pending()) -> ToolAuthError? {
    if case .failure(let error) = check(callback, pending) { error } else { nil }
}

private func parsed(_ url: String) -> Result<Callback, ToolAuthError> {
    do throws(ToolAuthError) { return .success(try CallbackParser.parse(url: url)) } catch { return .failure(error) }
}

private let issuer = "https://auth.example.com"

@Suite("Callbacks")
struct CallbackTests {
    @Test("RFC 6749 §4.1.2: code and state are read, decoded once")
    func parse() throws {
        let url =
            "\(Fixture.redirectURI)?state=s%2B1+x&code=4%2F0A%252F&iss=https%3A%2F%2Fauth.example.com&realmId=9&e="
        let callback = try parsed(url).get()
        #expect(callback.state == Secret("s+1 x"))
        #expect(callback.code == Secret("4/0A%2F"))
        #expect(callback.issuer == issuer)
        #expect(callback.error == nil)
        #expect(callback.parameters == ["realmId": "9", "e": ""])
        #expect(callback.redirectURI == Fixture.redirectURI)
    }

    @Test("RFC 6749 §4.1.2.1: error and description are read")
    func parseError() throws {
        let callback = try parsed("https://a.example/cb?error=access_denied&error_description=no+thanks&state=s").get()
        #expect(callback.error == "access_denied")
        #expect(callback.errorDescription == "no thanks")
        #expect(callback.code == nil)
    }

    @Test("RFC 6749 §3.1: empty means omitted")
    func empty() throws {
        let callback = try parsed("https://a.example/cb?state=s&code=&error=&iss=").get()
        #expect(callback.code == nil && callback.error == nil && callback.issuer == nil)
    }

    @Test(
        "RFC 6749 §3.1: a parameter that comes twice is refused",
        arguments: [
            "state=s&state=s&code=c", "state=s&code=a&code=b", "state=s&code=c&x=1&x=1", "state=s&code=c&%63ode=c",
        ])
    func twice(query: String) {
        #expect(throws: ToolAuthError.self) { try CallbackParser.parse(query: query.utf8) }
    }

    @Test(
        "a query without state, or one that cannot be decoded, is refused",
        arguments: ["", "code=c", "state=&code=c", "state=s&code=%zz", "state=%ff", "STATE=s"])
    func refusedQueries(query: String) {
        let error = #expect(throws: ToolAuthError.self) { try CallbackParser.parse(query: query.utf8) }
        #expect(error?.code == .invalidCallback)
    }

    @Test(
        "what is no URL is the caller's mistake",
        arguments: ["", "?state=s&code=c", "/callback?state=s", "state=s&code=c", "://x?state=s"])
    func noURL(url: String) {
        guard case .failure(let error) = parsed(url) else {
            Issue.record("read")
            return
        }
        #expect(error.code == .invalidRequest)
        #expect(error.field == "url")
    }

    @Test("a URL longer than 64 KiB is not read, a query neither")
    func tooLong() {
        let long = "state=s&code=" + String(repeating: "x", count: CallbackParser.maximumBytes)
        guard case .failure(let error) = parsed("https://a.example/cb?" + long) else {
            Issue.record("read")
            return
        }
        #expect(error.field == "url")
        #expect(throws: ToolAuthError.self) { try CallbackParser.parse(query: long.utf8) }
    }

    @Test("parameters in a fragment are not the query's")
    func fragment() throws {
        #expect(try parsed("https://a.example/cb?state=s#code=x&state=t").get().code == nil)
        guard case .failure(let error) = parsed("https://a.example/cb#?state=s&code=x") else {
            Issue.record("read")
            return
        }
        #expect(error.code == .invalidCallback)
    }

    @Test("a callback from the right server with a code is good")
    func good() throws {
        #expect(try check(Fixture.callback()).get() == Secret("the-authorization-code"))
        #expect(
            try check(Fixture.callback(issuer: issuer), Fixture.pending(issuer: issuer, requiresIssuer: true)).get()
                == Secret("the-authorization-code"))
        #expect((try? check(Fixture.callback(), Fixture.pending(issuer: issuer)).get()) != nil)
        #expect((try? check(Fixture.callback(issuer: "https://any.example")).get()) != nil)
    }

    @Test(
        "RFC 9207 §2.4: an iss that differs in any byte is refused",
        arguments: [
            "https://auth.example.com/", "https://AUTH.example.com", "https://auth.example.com:443", "auth.example.com",
            "https://evil.example", "https://auth.example.co\u{6d}\u{301}",
        ])
    func wrongIssuer(wrong: String) {
        #expect(refusal(Fixture.callback(issuer: wrong), Fixture.pending(issuer: issuer))?.code == .invalidCallback)
    }

    @Test("RFC 9207 §2.4: iss compares as bytes, not as equivalent text")
    func issuerBytes() {
        let error = refusal(
            Fixture.callback(issuer: "https://cafe\u{301}.example"),
            Fixture.pending(issuer: "https://caf\u{e9}.example"))
        #expect(error?.code == .invalidCallback)
    }

    @Test("RFC 9207 §2.4: a missing iss is refused where the server always sends one")
    func missingIssuer() {
        #expect(
            refusal(Fixture.callback(), Fixture.pending(issuer: issuer, requiresIssuer: true))?.code == .invalidCallback
        )
        let unknown = Fixture.pending(issuer: nil, requiresIssuer: true)
        #expect(refusal(Fixture.callback(issuer: issuer), unknown)?.code == .invalidCallback)
    }

    @Test("RFC 9207 §2.4: iss is checked before the error is believed")
    func issuerFirst() {
        let callback = Fixture.callback(code: nil, issuer: "https://evil.example", error: "access_denied")
        #expect(refusal(callback, Fixture.pending(issuer: issuer))?.code == .invalidCallback)
        let without = Fixture.callback(code: nil, error: "access_denied")
        #expect(refusal(without, Fixture.pending(issuer: issuer, requiresIssuer: true))?.code == .invalidCallback)
    }

    @Test("RFC 6749 §4.1.2.1: an error surfaces, and a code beside it is not exchanged")
    func error() {
        let callback = Fixture.callback(error: "access_denied", description: "The user\r\nsaid no")
        let error = refusal(callback)
        #expect(error?.code == .providerError)
        #expect(error?.provider == AttemptFailure(code: "access_denied", detail: "The user said no"))
        #expect(refusal(Fixture.callback(code: nil, error: "\u{1}"))?.provider?.code == "error")
    }

    @Test(
        "an error that repeats the state or the code is not shown",
        arguments: [
            "no the-state-of-this-flow", "the-authorization-code", "dGhlLWF1dGhvcml6YXRpb24tY29kZQ",
            "the%2Dauthorization%2Dcode",
        ])
    func withheld(text: String) {
        let described = refusal(Fixture.callback(error: "access_denied", description: text))
        #expect(described?.provider?.detail == "the provider answered access_denied")
        #expect(described.map { $0.detail.contains(text) } == false)
        #expect(refusal(Fixture.callback(error: text))?.provider?.code == "error")
    }

    @Test("also where the code comes under another name")
    func withheldElsewhere() throws {
        let parameters = ["spapi_oauth_code": "the-code-of-a-seller"]
        let callback = Fixture.callback(
            code: nil, error: "server_error", description: "the-code-of-a-seller is bad", parameters: parameters)
        guard case .failure(let error) = check(callback, codeParameter: "spapi_oauth_code") else {
            Issue.record("accepted")
            return
        }
        #expect(error.provider?.detail == "the provider answered server_error")
    }

    @Test(
        "access_denied ends a flow as denied, everything else as failed",
        arguments: [
            ("access_denied", AuthorizationStatus.denied), ("server_error", .failed), ("Access_Denied", .failed),
        ])
    func status(code: String, status: AuthorizationStatus) throws {
        let error = try #require(refusal(Fixture.callback(code: nil, error: code)))
        #expect(CallbackCheck.status(after: error) == status)
        #expect(CallbackCheck.status(after: ToolAuthError(.invalidCallback, "")) == .failed)
    }

    @Test("a callback with neither code nor error is refused")
    func noCode() {
        #expect(refusal(Fixture.callback(code: nil))?.code == .invalidCallback)
        #expect(refusal(Fixture.callback(code: ""))?.code == .invalidCallback)
    }

    @Test("the code is taken from the parameter the provider names")
    func codeParameter() throws {
        let callback = Fixture.callback(code: nil, parameters: ["spapi_oauth_code": "c-2"])
        #expect(try check(callback, codeParameter: "spapi_oauth_code").get() == Secret("c-2"))
        let other = check(Fixture.callback(), codeParameter: "spapi_oauth_code")
        #expect((try? other.get()) == nil)
    }

    @Test(
        "RFC 8252 §8.10: a callback is accepted only on the redirect URI of its request",
        arguments: [
            (Fixture.redirectURI, true), (Fixture.redirectURI + "/", false), ("http://127.0.0.1:8790/callback", false),
            ("https://APP.example.com/v1/tool/auth", false), ("https://app.example.com:443/v1/tool/auth", false),
        ])
    func redirectURI(came: String, isAccepted: Bool) {
        let result = check(Fixture.callback(redirectURI: came))
        #expect(((try? result.get()) != nil) == isAccepted)
        if case .failure(let error) = result { #expect(error.code == .invalidCallback) }
    }
}
