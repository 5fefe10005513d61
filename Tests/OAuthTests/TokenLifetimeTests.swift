import OAuth
import Testing
import ToolAuthCore

private let sentAt = Fixture.now

private func end(_ json: String, _ form: TokenResponseFormat.ExpiryForm) -> Timestamp? {
    TokenLifetime.end(JSONValue(parsing: Array(json.utf8)), form, sentAt: sentAt)
}

private func granted(
    _ members: String, keepsRefreshToken: Bool = false, accessToken: String = "a",
    _ change: (inout RefreshPolicy) -> Void = { _ in }
) throws -> TokenGrant {
    let reply = Fixture.reply(200, #"{"access_token":"\#(accessToken)"\#(members)}"#)
    let read = TokenReply.read(
        reply, TokenResponseFormat(), Fixture.context(keepsRefreshToken: keepsRefreshToken, change))
    guard case .granted(let grant, _) = read else { throw AttemptFailure(code: "test", detail: "not granted") }
    return grant
}

@Suite("Token lifetimes")
struct TokenLifetimeTests {
    @Test(
        "a lifetime counts from the instant the request was sent, whatever shape the number has",
        arguments: [
            ("3600", 3_600_000), (#""3600""#, 3_600_000), ("3599.5", 3_599_500), (#""3600.0""#, 3_600_000),
            ("3.6e3", 3_600_000), ("0", 0), (#""0""#, 0), ("1", 1000),
        ] as [(String, Int64)])
    func seconds(json: String, milliseconds: Int64) {
        #expect(end(json, .seconds) == sentAt + .milliseconds(milliseconds))
    }

    @Test(
        "what is no lifetime is none",
        arguments: [
            "null", #""""#, #""soon""#, "true", "[]", "{}", "-1", #""-1""#, "-3600", "-0.5", #"" 3600""#, #""0x10""#,
            #""nan""#, #""inf""#, #""1e""#,
        ])
    func none(json: String) {
        #expect(end(json, .seconds) == nil)
        #expect(end(json, .milliseconds) == nil)
        #expect(end(json, .epoch) == nil)
    }

    @Test(
        "an absurd lifetime ends with the calendar",
        arguments: ["1e18", "9223372036854775807", "99999999999999999999999", "1e400", #""1e400""#])
    func absurd(json: String) {
        for form in [TokenResponseFormat.ExpiryForm.seconds, .milliseconds, .epoch, .epochMilliseconds] {
            #expect(end(json, form) == .distantFuture)
        }
    }

    @Test(
        "every form of expiry is read",
        arguments: [
            ("90500", .milliseconds, sentAt + .milliseconds(90_500)), ("1767229200", .epoch, sentAt + .seconds(3600)),
            (#""1767229200""#, .epoch, sentAt + .seconds(3600)),
            ("1767229200123", .epochMilliseconds, sentAt + .milliseconds(3_600_123)),
            ("1767222000", .epoch, sentAt - .seconds(3600)),
            (#""2026-01-01T01:00:00Z""#, .iso8601, sentAt + .seconds(3600)),
            (#""2026-01-01T02:00:00.5+01:00""#, .iso8601, sentAt + .milliseconds(3_600_500)),
            (#""2026-01-01""#, .iso8601, nil), ("3600", .iso8601, nil), ("0", .epoch, nil),
            ("0", .epochMilliseconds, nil),
        ] as [(String, TokenResponseFormat.ExpiryForm, Timestamp?)])
    func forms(json: String, form: TokenResponseFormat.ExpiryForm, expected: Timestamp?) {
        #expect(end(json, form) == expected)
    }

    @Test("RFC 6749 §5.1: a reply without expires_in, refresh token and JWT has no expiry")
    func unknown() throws {
        #expect(try granted("").expiresAt == nil)
        #expect(try granted(#","expires_in":null"#).expiresAt == nil)
        #expect(try granted(#","expires_in":"never""#).expiresAt == nil)
    }

    @Test("with a refresh token, new or kept, an hour is assumed")
    func withRefreshToken() throws {
        #expect(try granted(#","refresh_token":"r""#).expiresAt == sentAt + .seconds(3600))
        #expect(try granted("", keepsRefreshToken: true).expiresAt == sentAt + .seconds(3600))
    }

    @Test("what policy assumes goes before a JWT's exp, and that before the hour; the reply goes before all")
    func order() throws {
        let jwt = Fixture.jwt(#"{"exp":1767227400}"#)
        let assume: (inout RefreshPolicy) -> Void = { $0.assumedLifetime = .seconds(43_200) }
        #expect(try granted(#","refresh_token":"r""#, accessToken: jwt, assume).expiresAt == sentAt + .seconds(43_200))
        #expect(try granted(#","refresh_token":"r""#, accessToken: jwt).expiresAt == sentAt + .seconds(1800))
        #expect(try granted("", accessToken: jwt).expiresAt == sentAt + .seconds(1800))
        #expect(try granted(#","expires_in":60"#, accessToken: jwt, assume).expiresAt == sentAt + .seconds(60))
    }

    @Test(
        "an exp that is no sane end, or a token that is no JWT, says nothing",
        arguments: [
            Fixture.jwt(#"{"exp":1767225600}"#), Fixture.jwt(#"{"exp":1}"#), Fixture.jwt(#"{"exp":99999999999}"#),
            Fixture.jwt(#"{"exp":"1767227400"}"#), Fixture.jwt("{}"), Fixture.jwt("[1]"), Fixture.jwt("x"), "a.b",
            "a.b.c.d", "..", "eyJ.!.x", Fixture.jwt(#"{"exp":1767227400}"#) + ".more",
            "." + Fixture.jwt(#"{"exp":1767227400}"#).split(separator: ".").dropFirst().joined(separator: "."),
            "=" + Fixture.jwt(#"{"exp":1767227400}"#), "=" + Fixture.jwt(#"{"exp":1767227400}"#).drop { $0 != "." },
        ])
    func insaneJWT(token: String) throws {
        #expect(try granted("", accessToken: token).expiresAt == nil)
    }

    @Test(
        "the refresh token's end is read by the same rules; zero means none",
        arguments: [("15897600", 15_897_600), (#""60""#, 60), ("0", nil), ("-1", nil), ("null", nil)]
            as [(String, Int64?)])
    func refreshExpiry(json: String, seconds: Int64?) throws {
        let grant = try granted(#","refresh_token":"r","refresh_token_expires_in":\#(json)"#)
        #expect(grant.refreshTokenExpiresAt == seconds.map { sentAt + .seconds($0) })
    }
}
