import OAuth
import Testing
import ToolAuthCore

@Suite("URLs")
struct URLTests {
    @Test(
        "an origin has a lower-case host and always a port",
        arguments: [
            ("https://auth.example.com/token", "https://auth.example.com:443"),
            ("https://Auth.EXAMPLE.com", "https://auth.example.com:443"),
            ("HTTPS://a.example", "https://a.example:443"),
            ("http://127.0.0.1:8080/x?y=z", "http://127.0.0.1:8080"), ("http://localhost", "http://localhost:80"),
            ("https://[::1]:9/", "https://[::1]:9"), ("https://[2001:DB8::1]", "https://[2001:db8::1]:443"),
            ("https://a.example?x=/@:", "https://a.example:443"), ("https://a.example/@b", "https://a.example:443"),
        ])
    func origins(url: String, origin: String) throws {
        #expect(try EndpointURL(url).origin == origin)
    }

    @Test(
        "RFC 6749 §3.1, §3.2: an endpoint with a fragment is refused, and whatever a reader could take for another host",
        arguments: [
            "", "token", "/token", "//a.example/token", "a.example/token", "https:", "https:/a.example", "https://",
            "https:///token", "ftp://a.example/", "javascript://a.example/", "https://a.example/#x",
            "https://a.example#",
            "https://alice@a.example/", "https://alice:pw@a.example/", "https://@a.example/", "https://a.example\\@b/",
            "https://a.example/\\b", "https://a.example:/", "https://a.example:0/", "https://a.example:65536/",
            "https://a.example:443a/", "https://a.example:-1/", "https://a.example:000443/", "https://:443/",
            "https://a example/", "https://a.example/ ", "https://a.example/\n", "https://a.example/\u{0}",
            "https://\u{e9}.example/", "https://a.example/\u{e9}", "https://a%2eexample/", "https://[::1/",
            "https://[]/", "https://[::g]/", "https://[::1]x/", "https://a,b/", "1https://a.example/",
            "https://a.ex\u{fe}",
        ])
    func refused(url: String) {
        #expect(throws: InvalidURL.self) { try EndpointURL(url) }
    }

    @Test(
        "a refusal says what is wrong",
        arguments: [
            ("/token", "is not absolute"), ("ftp://a.example/", "is neither https nor http"),
            ("https://a.example/#x", "has a fragment"), ("https://alice@a.example/", "has user information"),
            ("https://a.example/\\b", "has a backslash"), ("https://a,b/", "has no plain host"),
            ("https://a.example:0/", "has a port that is none of 1–65535"),
        ])
    func reasons(url: String, detail: String) {
        #expect(#expect(throws: InvalidURL.self) { try EndpointURL(url) }?.detail == detail)
    }

    @Test("path and query are kept as written")
    func parts() throws {
        let url = try EndpointURL("https://a.example:8443/B/c%20d?x=1&Y=%2F")
        #expect(url.path == "/B/c%20d")
        #expect(url.query == "x=1&Y=%2F")
        #expect(url.queryNames == ["x", "Y"])
        #expect(url.port == 8443)
        let bare = try EndpointURL("https://a.example")
        #expect(bare.path.isEmpty && bare.query == nil && bare.queryNames == [])
        #expect(try EndpointURL("https://a.example/?%zz").queryNames == nil)
    }

    @Test(
        "RFC 6749 §3.1: a query already there is kept",
        arguments: [
            ("https://a.example/x", "https://a.example/x?a=1%202&b=%26"),
            ("https://a.example/x?", "https://a.example/x?a=1%202&b=%26"),
            ("https://a.example/x?q=%7e&r", "https://a.example/x?q=%7e&r&a=1%202&b=%26"),
            ("https://a.example/x?q=1&", "https://a.example/x?q=1&a=1%202&b=%26"),
        ])
    func appending(url: String, result: String) {
        #expect(URLQuery.append([("a", "1 2"), ("b", "&")], to: url) == result)
    }

    @Test("nothing is appended to a URL with a fragment, and no pairs leave a URL as it is")
    func appendingEdges() {
        #expect(URLQuery.append([("a", "1")], to: "https://a.example/#f") == nil)
        #expect(URLQuery.append([], to: "https://a.example/x") == "https://a.example/x")
    }

    @Test(
        "RFC 6749 §3.1.2, RFC 8252 §7: https, literal loopback and private schemes can be redirect URIs",
        arguments: [
            "https://app.example.com/callback", "https://app.example.com/callback?x=1",
            "http://127.0.0.1:8790/callback",
            "http://[::1]:8790/callback", "com.example.app:/oauth", "com.example.app://oauth/x",
        ])
    func redirectURIs(uri: String) throws {
        try RedirectURI.check(uri)
    }

    @Test(
        "RFC 6749 §3.1.2, RFC 8252 §8.3: relative ones, fragments, plain http and localhost are refused",
        arguments: [
            "", "/callback", "callback", "https://app.example.com/#", "https://app.example.com/cb#x",
            "http://app.example.com/cb", "http://localhost:8790/callback", "http://127.0.0.1.example.com/",
            "http://127.0.0.1@evil.example/", "https://alice@app.example.com/", "myapp:/callback",
            "javascript:alert(1)",
            "com.example.app:/a#b", "com.example.app:/a b",
        ])
    func redirectURIsRefused(uri: String) {
        #expect(throws: InvalidURL.self) { try RedirectURI.check(uri) }
    }
}
