import HTTPTypes
import SocketAPI
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("Reading requests")
struct ReadingTests {
    @Test(
        "plain text is sent where Accept prefers it to JSON",
        arguments: [
            (nil, false), ("", false), ("*/*", false), ("text/plain", true), ("TEXT/Plain", true), ("text/*", true),
            ("application/json", false), ("application/json, text/plain, */*", false),
            ("text/plain, */*;q=0.1", true), ("text/plain;q=0.5, application/json;q=0.4", true),
            ("text/plain;q=0.5,application/json;q=0.6", false), ("text/plain;q=0, */*", false),
            ("text/plain; q=1.000 , application/json;q=0.999", true), ("text/plain;q=2", false),
            ("text/plain;q=", false), ("text/html", false),
            ("text/*;q=0.9, text/plain;q=0.1, application/*;q=0.5", false),
            ("text/plain;charset=utf-8", true), ("text/plain;q=1.", true), ("textplain", false),
            ("text/plain/x", false),
        ] as [(String?, Bool)])
    func accept(_ value: String?, _ isPlain: Bool) {
        #expect(prefersPlainText(accept: value) == isPlain)
    }

    @Test(
        "If-Match is one strong quoted generation",
        arguments: [
            (#""12""#, 12), (#""0""#, 0), (#""9223372036854775807""#, Int64.max), (#""9223372036854775808""#, nil),
            ("12", nil), (#"W/"12""#, nil), (#""12", "13""#, nil), ("*", nil), (#""""#, nil), (#"""#, nil), ("", nil),
            (#""012""#, nil), (#""+1""#, nil), (#""-1""#, nil), (#""a""#, nil), (#""1"2""#, nil),
        ] as [(String, Int64?)])
    func ifMatch(_ value: String, _ generation: Int64?) throws {
        if let generation {
            #expect(try EntityTag.ifMatch([.ifMatch: value]) == generation)
        } else {
            let error = #expect(throws: ToolAuthError.self) { try EntityTag.ifMatch([.ifMatch: value]) }
            #expect(error?.code == .invalidRequest)
            #expect(error?.field == "If-Match")
        }
    }

    @Test("If-Match given twice is a list")
    func ifMatchTwice() {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .ifMatch, value: "\"1\""))
        fields.append(HTTPField(name: .ifMatch, value: "\"2\""))
        #expect(throws: ToolAuthError.self) { try EntityTag.ifMatch(fields) }
    }

    @Test(
        "a precondition is If-Match or If-None-Match: *, or none",
        arguments: [
            (HTTPFields(), Precondition.none), ([.ifMatch: "\"3\""], .generation(3)), ([.ifNoneMatch: "*"], .absent),
            ([.ifNoneMatch: "\"3\""], nil), ([.ifMatch: "\"3\"", .ifNoneMatch: "*"], nil), ([.ifMatch: "*"], nil),
        ] as [(HTTPFields, Precondition?)])
    func precondition(_ fields: HTTPFields, _ expected: Precondition?) throws {
        if let expected {
            #expect(try EntityTag.precondition(fields) == expected)
        } else {
            #expect(throws: ToolAuthError.self) { try EntityTag.precondition(fields) }
        }
    }

    @Test(
        "a query is form-encoded, each parameter known and given once",
        arguments: [
            ("", [:]), ("a=1", ["a": "1"]), ("a=1&b=2", ["a": "1", "b": "2"]), ("a", ["a": ""]), ("a=", ["a": ""]),
            ("a=x%2By+z", ["a": "x+y z"]), ("%61=%C3%A9", ["a": "\u{e9}"]), ("a=b=c", ["a": "b=c"]),
            ("a=1&a=2", nil), ("a=1&%61=1", nil), ("c=1", nil), ("A=1", nil), ("a=%2", nil), ("a=%GG", nil),
            ("a=%FF", nil), ("a=1&", nil), ("=1", nil),
        ] as [(String, [String: String]?)])
    func query(_ text: String, _ values: [String: String]?) throws {
        guard let values else {
            #expect(throws: ToolAuthError.self) { try Query(text[...], allowing: ["a", "b"]) }
            return
        }
        let query = try Query(text[...], allowing: ["a", "b"])
        #expect(query["a"] == values["a"])
        #expect(query["b"] == values["b"])
    }

    @Test(
        "escapes are decoded once",
        arguments: [
            ("abc", "abc"), ("%2F", "/"), ("%252F", "%2F"), ("%e2%82%ac", "\u{20ac}"), ("a+b", "a+b"), ("%", nil),
            ("%a", nil), ("%g0", nil), ("%C3", nil), ("%ED%A0%80", nil), ("%C0%AF", nil),
        ] as [(String, String?)])
    func percent(_ text: String, _ decoded: String?) {
        #expect(percentDecoded(text.utf8) == decoded)
    }

    @Test(
        "a target is brought into origin form",
        arguments: [
            ("/a?b", "/a?b"), ("http://host/a?b", "/a?b"), ("HTTP://host:1/a", "/a"), ("http://host", "/"),
            ("http://host?x=1", "/?x=1"), ("*", nil), ("host:443", nil), ("https://host/a", nil), ("http:///a", nil),
            ("a", nil), ("", nil), ("/a b", nil), ("/\u{e9}", nil), ("/a#b", nil), ("/a\u{7f}", nil),
        ] as [(String, String?)])
    func target(_ target: String, _ origin: String?) {
        #expect(RequestTarget.originForm(target) == origin)
    }

    @Test("a cursor leads back to its grant", arguments: ["alice", "bob/work", "jose\u{301}", "\u{1f600}?>"])
    func cursor(_ user: String) throws {
        let key = ToolAuthKey(Sample.key.toolID, try #require(UserID(user)))
        let cursor = Cursor.encode(key)
        #expect(try Cursor.decode(cursor) == key)
        #expect(
            cursor.utf8.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
    }

    @Test("what is no cursor is refused", arguments: ["", "!", "YQ", "L2E", "QS9i", "Z2l0aHViLw", "Z2l0aHViL/8"])
    func noCursor(_ text: String) {
        let error = #expect(throws: ToolAuthError.self) { try Cursor.decode(text) }
        #expect(error?.field == "cursor")
    }
}

@Suite("JSON bodies")
struct JSONBodyTests {
    private func decode(
        _ json: [UInt8], type: String? = "application/json", isOptional: Bool = false
    ) throws(ToolAuthError) -> ImportBody {
        var fields = HTTPFields()
        fields[.contentType] = type
        return try JSONBody.decode(
            ImportBody.self, members: ImportBody.CodingKeys.self, from: json, fields, isOptional: isOptional)
    }

    @Test(
        "what is not an object with known members of the right type is refused, and the member named",
        arguments: [
            (#"{"scopes":1}"#, "scopes"), (#"{"access_token":1}"#, "access_token"),
            (#"{"expires_in":"1"}"#, "expires_in"), (#"{"expires_in":1.5}"#, "body"),
            (#"{"metadata":{"a":1}}"#, "metadata.a"), (#"{"metadata":[]}"#, "metadata"),
            (#"{"scope":"a","scope":"a"}"#, "scope"), (#"{"scope":"a","\u0073cope":"a"}"#, "scope"),
            (#"{"metadata":{"a":"b","a":"b"}}"#, "a"), ("", "body"), ("[]", "body"), ("\"a\"", "body"), ("{", "body"),
            ("{} {}", "body"), (#"{"scope":"a",}"#, "body"), (#"{"scope":"a" , }"#, "body"),
            (#"{"scopes":[1,]}"#, "body"), (#"{scope:"a"}"#, "body"), ("\u{feff}{}", "body"),
            (#"{"scope":"\ud800"}"#, "body"),
        ])
    func refused(_ json: String, _ field: String) {
        let error = #expect(throws: ToolAuthError.self) { try decode(Array(json.utf8)) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.field == field)
    }

    @Test(
        "only UTF-8 is read",
        arguments: [[0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d], [0x7b, 0, 0x7d, 0], [0, 0x7b, 0, 0x7d]] as [[UInt8]])
    func encoding(_ json: [UInt8]) {
        #expect(throws: ToolAuthError.self) { try decode(json) }
    }

    @Test("null is an absent member, and names inside strings and arrays are no members")
    func accepted() throws {
        let json = #" {"scope": null, "metadata": {"a": "{\"scope\":[,", "scope": "x"}, "expires_in": 5} "#
        let body = try decode(Array(json.utf8))
        #expect(body.scope == nil)
        #expect(body.expiresIn == 5)
        #expect(body.metadata == ["a": "{\"scope\":[,", "scope": "x"])
    }

    @Test(
        "the media type must be JSON",
        arguments: [
            ("application/json", true), ("Application/JSON; charset=utf-8", true), ("application/json ;x", true),
            ("text/json", false), ("application/x-www-form-urlencoded", false), (nil, false), ("", false),
        ] as [(String?, Bool)])
    func mediaType(_ type: String?, _ isAccepted: Bool) throws {
        if isAccepted {
            #expect(throws: Never.self) { try decode(Array("{}".utf8), type: type) }
        } else {
            let error = #expect(throws: ToolAuthError.self) { try decode(Array("{}".utf8), type: type) }
            #expect(error?.code == .unsupportedMediaType)
        }
    }

    @Test("an optional body may be empty, and then needs no media type")
    func empty() {
        #expect(throws: Never.self) { try decode([], type: nil, isOptional: true) }
        #expect(throws: ToolAuthError.self) { try decode([], type: "application/json") }
    }

    static let imports: [(ImportBody, String?)] = [
        (ImportBody(accessToken: "a"), nil), (ImportBody(refreshToken: "r"), nil), (ImportBody(), "access_token"),
        (ImportBody(accessToken: ""), "access_token"),
        (ImportBody(accessToken: "a", refreshToken: ""), "refresh_token"),
        (ImportBody(accessToken: "a", expiresAt: "2026-01-31T09:05:07Z", expiresIn: 1), "expires_in"),
        (ImportBody(accessToken: "a", expiresIn: -1), "expires_in"),
        (ImportBody(accessToken: "a", expiresAt: "soon"), "expires_at"),
        (ImportBody(accessToken: "a", refreshTokenExpiresAt: "soon"), "refresh_token_expires_at"),
        (ImportBody(accessToken: "a", tokenType: ""), "token_type"),
        (ImportBody(accessToken: "a\r\nX: b"), "access_token"), (ImportBody(accessToken: "\u{e9}"), "access_token"),
        (ImportBody(refreshToken: "a\u{0}"), "refresh_token"), (ImportBody(accessToken: "a b~"), nil),
        (ImportBody(accessToken: "a", tokenType: "Bearer\u{0}x"), "token_type"),
        (ImportBody(accessToken: "a", scope: "read\u{0}write"), "scope"),
        (ImportBody(accessToken: "a", metadata: ["k": "v\n"]), "metadata.k"),
        (ImportBody(accessToken: "a", metadata: ["k\u{0}": "v"]), "metadata"),
        (ImportBody(accessToken: "a", scope: "jos\u{e9}", metadata: ["k": "\u{e9}"]), nil),
    ]

    @Test("imported tokens are checked", arguments: imports)
    func imported(_ body: ImportBody, _ field: String?) {
        if let field {
            let error = #expect(throws: ToolAuthError.self) { try ImportedTokens(body) }
            #expect(error?.field == field)
        } else {
            #expect(throws: Never.self) { try ImportedTokens(body) }
        }
    }

    @Test("an imported token is a Bearer token unless it says otherwise, and keeps its times")
    func importedValues() throws {
        let tokens = try ImportedTokens(
            ImportBody(accessToken: "a", expiresAt: "2026-01-31T09:05:07.250Z", scope: "x y", metadata: ["k": "v"]))
        #expect(tokens.tokenType == "Bearer")
        #expect(tokens.expiresAt == Sample.time)
        #expect(tokens.scope == "x y")
        #expect(tokens.metadata == ["k": "v"])
        #expect(try ImportedTokens(ImportBody(refreshToken: "r", expiresIn: 5)).expiresIn == .seconds(5))
    }
}
