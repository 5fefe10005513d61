import OAuth
import Testing
import ToolAuthCore

private func read(
    _ reply: HTTPReply, _ format: TokenResponseFormat = TokenResponseFormat(),
    _ context: TokenReply.Context = Fixture.context()
) -> TokenReply {
    TokenReply.read(reply, format, context)
}

private func granted(
    _ body: String, _ format: TokenResponseFormat = TokenResponseFormat(),
    _ context: TokenReply.Context = Fixture.context()
) -> TokenGrant? {
    if case .granted(let grant, _) = read(Fixture.reply(200, body), format, context) { grant } else { nil }
}

private func malformed(_ reply: HTTPReply, _ format: TokenResponseFormat = TokenResponseFormat()) -> (String, String?)?
{
    if case .malformed(let detail, let token) = read(reply, format) { (detail, token?.reveal()) } else { nil }
}

@Suite("Token replies")
struct TokenReplyTests {
    @Test("RFC 6749 §5.1: the example reply is read, unknown members are ignored")
    func example() throws {
        let body = """
            {"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"example","expires_in":3600,
             "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA","example_parameter":"example_value"}
            """
        let grant = try #require(granted(body))
        #expect(grant.accessToken == Secret("2YotnFZFEjr1zCsicMWpAA"))
        #expect(grant.refreshToken == Secret("tGzv3JOkF0XG5Qx2TlKWIA"))
        #expect(grant.tokenType == "example")
        #expect(grant.expiresAt == Fixture.now + .seconds(3600))
        #expect(grant.obtainedAt == Fixture.now)
        #expect(grant.scope == nil)
        #expect(grant.metadata.isEmpty)
        #expect(!grant.isUsable)
    }

    @Test(
        "RFC 6749 §5.1, §7.1: the token type compares in any case; one that is not known is not used",
        arguments: [
            (#""Bearer""#, "Bearer", true), (#""bearer""#, "bearer", true), (#""BEARER""#, "BEARER", true),
            (#""DPoP""#, "DPoP", false), (#""mac""#, "mac", false),
            (#""user""#, "user", false),
            (#""N_A""#, "N_A", false), ("5", "5", false), ("[]", "unknown", false), ("null", "Bearer", true),
            (#""""#, "Bearer", true),
        ])
    func tokenType(json: String, type: String, isUsable: Bool) throws {
        let grant = try #require(granted(#"{"access_token":"a","token_type":\#(json)}"#))
        #expect(grant.tokenType == type)
        #expect(grant.isUsable == isUsable)
    }

    @Test("a reply without token_type means Bearer")
    func noTokenType() throws {
        let grant = try #require(granted(#"{"access_token":"a"}"#))
        #expect(grant.tokenType == "Bearer" && grant.isUsable)
    }

    @Test("a type that the provider declares is used, in any case")
    func declaredType() {
        let format = Fixture.format { $0.tokenTypes = ["user"] }
        #expect(granted(#"{"access_token":"a","token_type":"User"}"#, format)?.isUsable == true)
        #expect(granted(#"{"access_token":"a","token_type":"bot"}"#, format)?.isUsable == false)
    }

    @Test(
        "RFC 6749 §6: an absent, empty, null or misshapen refresh token is none",
        arguments: [
            "", #","refresh_token":"""#, #","refresh_token":null"#, #","refresh_token":7"#, #","refresh_token":{}"#,
        ])
    func noRefreshToken(member: String) throws {
        #expect(try #require(granted(#"{"access_token":"a"\#(member)}"#)).refreshToken == nil)
    }

    @Test(
        "RFC 6749 §3.3: the granted scope is kept, separated by single spaces, order and case as sent",
        arguments: [
            (#""a b""#, " ", "a b"), (#""b  A ""#, " ", "b A"), (#""a,b""#, ",", "a b"), (#""a, b""#, ",", "a b"),
            (#""a,b""#, " ", "a,b"), (#"["a","b"]"#, " ", "a b"), (#"["a b",7,"c"]"#, " ", "a b c"), (#""""#, " ", nil),
            ("null", " ", nil), ("[]", " ", nil), ("7", " ", nil), ("{}", " ", nil), (#"" ""#, " ", nil),
        ] as [(String, String, String?)])
    func scope(json: String, separator: String, scope: String?) throws {
        let format = Fixture.format { $0.scopeSeparator = separator }
        #expect(try #require(granted(#"{"access_token":"a","scope":\#(json)}"#, format)).scope == scope)
    }

    @Test(
        "a success without a usable access token is malformed, and its refresh token is kept",
        arguments: [
            "", #","access_token":"""#, #","access_token":null"#, #","access_token":7"#, #","access_token":["a"]"#,
            #","access_token":{"a":"b"}"#, #","access_token":"a\r\nX: y""#, #","access_token":"\u0000""#,
        ])
    func malformedReply(member: String) throws {
        let found = try #require(malformed(Fixture.reply(200, #"{"refresh_token":"found"\#(member)}"#)))
        #expect(found.1 == "found")
        #expect(found.0.contains("access_token"))
    }

    @Test("a 2xx that is no declared success is malformed, and a declared one is read")
    func declaredSuccess() {
        let reply = Fixture.reply(201, #"{"access_token":"a","refresh_token":"r"}"#)
        #expect(malformed(reply)?.1 == "r")
        let declared = read(reply, Fixture.format { $0.success = [200, 201] })
        #expect(declared.kind == "granted")
    }

    @Test("a reply whose token object is missing is malformed")
    func noTokenObject() {
        let format = Fixture.format { $0.at = ["authed_user"] }
        #expect(malformed(Fixture.reply(200, #"{"access_token":"top"}"#), format)?.0.contains("authed_user") == true)
        #expect(malformed(Fixture.reply(200, #"{"authed_user":"x"}"#), format) != nil)
    }

    @Test(
        "a body that is empty, not JSON or no object cannot be read",
        arguments: [
            "", " ", "<html><body>Sign in</body></html>", "[]", "\"ok\"", "null", "{", "access_token=a&b=c", "OK",
        ])
    func unreadable(body: String) {
        for status in [200, 302, 400, 401, 500] {
            #expect(read(Fixture.reply(status, body)).kind == "unreadable")
        }
    }

    @Test("an error inside a 2xx is an error where there is no access token")
    func errorInsideSuccess() {
        let failed = read(Fixture.reply(200, #"{"error":"bad_verification_code","error_description":"why"}"#))
        #expect(failed.kind == "refused bad_verification_code why")
        #expect(granted(#"{"access_token":"a","error":"x"}"#) != nil)
    }

    @Test("an error that is empty, null or false is none", arguments: [#""""#, "null", "false"])
    func noError(json: String) {
        #expect(malformed(Fixture.reply(200, #"{"error":\#(json)}"#)) != nil)
    }

    @Test("an error that is a number or an object is one", arguments: [("190", "190"), (#"{"code":190}"#, nil)])
    func oddError(json: String, code: String?) {
        guard case .refused(let read, _) = read(Fixture.reply(200, #"{"error":\#(json)}"#)) else {
            Issue.record("not read as an error")
            return
        }
        #expect(read == code)
    }

    @Test("the error is where the document says, and so is its mark")
    func errorPath() {
        let format = Fixture.format {
            $0.error = ["error.code"]
            $0.failedWhen = .init(path: "status", equals: #""error""#)
        }
        let reply = Fixture.reply(200, #"{"status":"error","access_token":"a","error":{"code":190}}"#)
        #expect(read(reply, format).kind == "refused 190 -")
        #expect(granted(#"{"status":"fine","access_token":"a"}"#, format) != nil)
    }

    @Test(
        "a mark compares as JSON, and as text where the reply has a string",
        arguments: [
            ("false", "false", true), ("false", #""false""#, true), ("false", "true", false), ("false", "0", false),
            ("1", "1", true), ("1", #""1""#, true), (#""error""#, #""error""#, true), ("error", #""error""#, true),
            ("false", "null", false), ("null", "null", true),
        ])
    func marks(expected: String, sent: String, isFailed: Bool) {
        let format = Fixture.format { $0.failedWhen = .init(path: "ok", equals: expected) }
        #expect((granted(#"{"access_token":"a","ok":\#(sent)}"#, format) == nil) == isFailed)
    }

    @Test("an object with 4xx but without an error is a refusal without a name")
    func refusedWithoutName() {
        let reply = read(Fixture.reply(404, #"{"message":"Not Found"}"#))
        #expect(reply.kind == "refused - -")
    }

    @Test("metadata is picked by path and becomes text; what is absent or no scalar is left out")
    func metadata() throws {
        let format = Fixture.format {
            $0.metadata = ["team.id", "instance_url", "n", "yes", "no.such", "list", "empty"]
        }
        let body = """
            {"access_token":"a","team":{"id":"T1"},"instance_url":"https://x.example","n":1735689600123,"yes":true,
             "list":[1],"empty":""}
            """
        #expect(
            try #require(granted(body, format)).metadata == [
                "team.id": "T1", "instance_url": "https://x.example", "n": "1735689600123", "yes": "true",
            ])
    }

    @Test("a token never becomes metadata")
    func noSecretMetadata() throws {
        let format = Fixture.format { $0.metadata = ["access_token", "refresh_token", "copy"] }
        let body = #"{"access_token":"a1","refresh_token":"r1","copy":"a1"}"#
        #expect(try #require(granted(body, format)).metadata.isEmpty)
    }

    @Test("the Date header is kept")
    func serverDate() {
        let headers = [(name: "date", value: "Thu, 01 Jan 2026 00:00:07 GMT")]
        let reply = read(Fixture.reply(200, #"{"access_token":"a"}"#, headers))
        guard case .granted(let grant, _) = reply else {
            Issue.record("not granted")
            return
        }
        #expect(grant.serverDate == Fixture.now + .seconds(7))
    }

    @Test("a form is read where it is declared, and told from HTML")
    func form() throws {
        let format = Fixture.format { $0.encoding = .form }
        let grant = try #require(
            granted("access_token=gho_x&scope=repo%2Cgist&token_type=bearer&expires_in=28800", format))
        #expect(grant.accessToken == Secret("gho_x"))
        #expect(grant.expiresAt == Fixture.now + .seconds(28800))
        #expect(grant.scope == "repo,gist")
        for body in ["", "<html a=b>", "{\"access_token\":\"a\"}", "Not found", "access_token=%zz"] {
            #expect(read(Fixture.reply(200, body), format).kind == "unreadable")
        }
        let error = read(Fixture.reply(200, "error=bad_verification_code&error_description=why+not"), format)
        #expect(error.kind == "refused bad_verification_code why not")
    }

    @Test("auto takes JSON and form, whatever the content type")
    func auto() {
        let format = Fixture.format { $0.encoding = .auto }
        #expect(granted("access_token=a", format)?.accessToken == Secret("a"))
        #expect(granted(#"{"access_token":"a"}"#, format)?.accessToken == Secret("a"))
        #expect(granted("<html>", format) == nil)
    }

    @Test("a wrong content type does not matter, the body does")
    func lyingContentType() {
        let html = [(name: "Content-Type", value: "text/html")]
        let reply = read(Fixture.reply(200, #"{"access_token":"a"}"#, html))
        #expect(reply.kind == "granted")
    }

    @Test("Slack: the tokens are under authed_user at the exchange and at the top on refresh, with type user")
    func slack() throws {
        let exchange = Fixture.format {
            $0.at = ["authed_user"]
            $0.scopeSeparator = ","
            $0.failedWhen = .init(path: "ok", equals: "false")
            $0.metadata = ["team.id"]
            $0.tokenTypes = ["user"]
        }
        let first = try #require(
            granted(
                """
                {"ok":true,"access_token":"xoxb-bot","token_type":"bot","team":{"id":"T9"},"authed_user":{"id":"U1",
                 "scope":"chat:write,users:read","access_token":"xoxe.xoxp-1","token_type":"user",
                 "refresh_token":"xoxe-1-first","expires_in":43200}}
                """, exchange))
        #expect(first.accessToken == Secret("xoxe.xoxp-1"))
        #expect(first.refreshToken == Secret("xoxe-1-first"))
        #expect(first.scope == "chat:write users:read")
        #expect(first.metadata == ["team.id": "T9"])
        #expect(first.isUsable)
        var refresh = exchange
        refresh.at = [""]
        let second = try #require(
            granted(
                #"{"ok":true,"access_token":"xoxe.xoxp-2","token_type":"user","refresh_token":"xoxe-1-next","expires_in":43200}"#,
                refresh))
        #expect(second.refreshToken == Secret("xoxe-1-next"))
        let failed = read(Fixture.reply(200, #"{"ok":false,"error":"invalid_refresh_token"}"#), refresh)
        #expect(failed.kind == "refused invalid_refresh_token -")
    }
}

extension TokenReply {
    /// The case, and what an error says.
    fileprivate var kind: String {
        switch self {
        case .granted: "granted"
        case .refused(let code, let description): "refused \(code ?? "-") \(description ?? "-")"
        case .malformed: "malformed"
        case .unreadable: "unreadable"
        }
    }
}
