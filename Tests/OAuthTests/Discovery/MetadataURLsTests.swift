import OAuth
import Testing

@Suite("Where an issuer's metadata may be")
struct MetadataURLsTests {
    @Test(
        "RFC 8414 §3.1: the well-known path comes between host and path; OpenID Connect's behind it too",
        arguments: [
            (
                "https://example.com",
                [
                    "https://example.com/.well-known/oauth-authorization-server",
                    "https://example.com/.well-known/openid-configuration",
                ]
            ),
            (
                "https://example.com/issuer1",
                [
                    "https://example.com/.well-known/oauth-authorization-server/issuer1",
                    "https://example.com/.well-known/openid-configuration/issuer1",
                    "https://example.com/issuer1/.well-known/openid-configuration",
                ]
            ),
            (
                "https://example.com/realms/a/b",
                [
                    "https://example.com/.well-known/oauth-authorization-server/realms/a/b",
                    "https://example.com/.well-known/openid-configuration/realms/a/b",
                    "https://example.com/realms/a/b/.well-known/openid-configuration",
                ]
            ),
        ])
    func places(issuer: String, urls: [String]) throws {
        #expect(try MetadataURLs.all(of: issuer) == urls)
    }

    @Test(
        "RFC 8414 §3.1: a slash at the end goes before the well-known path is put in",
        arguments: [
            ("https://example.com/", "https://example.com"), ("https://example.com/a/", "https://example.com/a"),
            ("https://Example.COM", "https://example.com"), ("https://example.com:443/a", "https://example.com/a"),
        ])
    func same(issuer: String, other: String) throws {
        #expect(try MetadataURLs.all(of: issuer) == MetadataURLs.all(of: other))
    }

    @Test(
        "a port that is not the scheme's stays",
        arguments: [
            ("https://example.com:8443/a", "https://example.com:8443/.well-known/oauth-authorization-server/a"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/.well-known/oauth-authorization-server"),
            ("http://[::1]:443", "http://[::1]:443/.well-known/oauth-authorization-server"),
        ])
    func port(issuer: String, url: String) throws {
        #expect(try MetadataURLs.all(of: issuer).first == url)
    }

    @Test(
        "RFC 8414 §2: an issuer has neither query nor fragment, and is a URL",
        arguments: [
            "https://example.com?x", "https://example.com/?", "https://example.com#x", "https://user@example.com",
            "example.com", "", "ftp://example.com",
        ])
    func refused(issuer: String) {
        #expect(throws: InvalidURL.self) { try MetadataURLs.all(of: issuer) }
    }
}
