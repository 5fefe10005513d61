import OAuth
import Testing

private let issuer = "https://example.com/a"

private func read(_ members: String, of asked: String = issuer) throws -> ServerMetadata {
    let document = JSONValue(parsing: Array("{\"issuer\":\"\(issuer)\"\(members)}".utf8))
    return try ServerMetadata(document, issuer: asked)
}

@Suite("An issuer's metadata")
struct ServerMetadataTests {
    @Test("is read as RFC 8414 §2 and RFC 9207 §3 name it")
    func members() throws {
        let metadata = try read(
            """
            ,"authorization_endpoint":"https://example.com/authorize","token_endpoint":"https://example.com/token",
            "revocation_endpoint":"https://example.com/revoke",
            "token_endpoint_auth_methods_supported":["private_key_jwt","client_secret_post"],
            "revocation_endpoint_auth_methods_supported":["client_secret_basic"],
            "authorization_response_iss_parameter_supported":true,"unknown":{"x":[1]}
            """)
        #expect(metadata.issuer == issuer)
        #expect(metadata.authorizationEndpoint == "https://example.com/authorize")
        #expect(metadata.tokenEndpoint == "https://example.com/token")
        #expect(metadata.revocationEndpoint == "https://example.com/revoke")
        #expect(metadata.authenticationMethods == ["private_key_jwt", "client_secret_post"])
        #expect(metadata.revocationAuthenticationMethods == ["client_secret_basic"])
        #expect(metadata.sendsIssuer)
    }

    @Test(
        "RFC 8414 §3.3: is not used unless it names the very issuer that was asked",
        arguments: [
            "https://example.com/a/", "https://example.com/A", "https://EXAMPLE.com/a", "https://example.com:443/a",
            "https://example.com/%61", "https://example.com", "http://example.com/a", "https://evil.example/a", "",
        ])
    func otherIssuer(asked: String) {
        let error = #expect(throws: DiscoveryFailure.self) { try read("", of: asked) }
        #expect(error?.detail == "is of the issuer '\(issuer)', not of \(asked)")
        #expect(error?.isUnreachable == false)
    }

    @Test("OpenID Connect Discovery §4.3: two spellings of one letter are two issuers")
    func normalization() {
        let document = JSONValue(parsing: Array(#"{"issuer":"https://example.com/e\#u{301}"}"#.utf8))
        #expect(throws: DiscoveryFailure.self) {
            try ServerMetadata(document, issuer: "https://example.com/\u{e9}")
        }
    }

    @Test(
        "that is no object or names no issuer is none",
        arguments: ["[]", "\"x\"", "null", "", "{", "{}", "{\"issuer\":1}", "{\"issuer\":null}", "{\"issuer\":[]}"])
    func none(text: String) {
        let error = #expect(throws: DiscoveryFailure.self) {
            try ServerMetadata(JSONValue(parsing: Array(text.utf8)), issuer: issuer)
        }
        #expect(["is no JSON object", "names no issuer"].contains(error?.detail))
    }

    @Test(
        "leaves out members that are not what they should be",
        arguments: ["1", "null", "\"\"", "[]", "{}", "true", "[\"https://example.com\"]"])
    func wrongTypes(value: String) throws {
        let metadata = try read(
            #","authorization_endpoint":\#(value),"token_endpoint":\#(value),"revocation_endpoint":\#(value)"#)
        #expect(metadata == ServerMetadata(issuer: issuer))
    }

    @Test("takes texts alone as authentication methods, and true alone as a promise of iss")
    func wrongLists() throws {
        let metadata = try read(
            #","token_endpoint_auth_methods_supported":[1,"client_secret_post",null,[]],"#
                + #""authorization_response_iss_parameter_supported":"true""#)
        #expect(metadata.authenticationMethods == ["client_secret_post"])
        #expect(!metadata.sendsIssuer)
        #expect(try read(#","token_endpoint_auth_methods_supported":"x""#).authenticationMethods == nil)
    }

    @Test(
        "RFC 8414 §2: without a list it is client_secret_basic; else the first of ours that is offered",
        arguments: [
            (nil, .clientSecretBasic), (["client_secret_basic", "client_secret_post"], .clientSecretBasic),
            (["client_secret_post", "client_secret_basic"], .clientSecretBasic),
            (["client_secret_post"], .clientSecretPost),
            (["private_key_jwt", "client_secret_post"], .clientSecretPost),
            (["private_key_jwt"], .clientSecretBasic), (["none"], .clientSecretBasic), ([], .clientSecretBasic),
            (["CLIENT_SECRET_POST"], .clientSecretBasic),
        ] as [([String]?, TokenEndpoint.ClientAuthentication)])
    func authentication(offered: [String]?, method: TokenEndpoint.ClientAuthentication) {
        var metadata = ServerMetadata(issuer: issuer)
        metadata.authenticationMethods = offered
        #expect(metadata.authentication == method)
        // What is offered for revocation is as for tokens, where nothing else is said.
        #expect(metadata.revocationAuthentication == method)
        metadata.revocationAuthenticationMethods = ["client_secret_post"]
        #expect(metadata.revocationAuthentication == .clientSecretPost)
        #expect(metadata.authentication == method)
    }
}

@Suite("How long metadata stays fresh")
struct FreshnessTests {
    @Test(
        "RFC 9111 §5.2.2.1: as max-age says, within five minutes and a day",
        arguments: [
            (nil, 3600), ("max-age=1800", 1800), ("public, max-age=1800, immutable", 1800), ("Max-Age=1800", 1800),
            ("max-age = 1800", 1800), ("max-age=\"1800\"", 1800), ("max-age=0", 300), ("max-age=299", 300),
            ("max-age=301", 301), ("max-age=86401", 86_400), ("max-age=99999999999999999999999", 86_400),
            ("max-age=-1", 3600), ("max-age=", 3600), ("max-age=x", 3600), ("max-age=1.5", 3600), ("", 3600),
            ("public", 3600), ("no-store", 300), ("No-Cache, max-age=1800", 300), ("s-maxage=60", 3600),
            ("private, no-store, max-age=86400", 300), ("max-age=١٨٠٠", 3600),
        ] as [(String?, Int)])
    func lifetime(header: String?, seconds: Int) {
        let reply = Fixture.reply(200, "", header.map { [("cache-control", $0)] } ?? [])
        #expect(Freshness.lifetime(reply) == .seconds(seconds))
    }
}
