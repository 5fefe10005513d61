import OAuth
import Testing
import ToolAuthCore

private func isAllowed(_ target: String, _ patterns: String...) -> Bool {
    do throws(ToolAuthError) {
        try FrontendRedirect.check(target, patterns: patterns)
        return true
    } catch {
        #expect(error.code == .invalidRequest)
        #expect(error.field == "frontend_redirect")
        return false
    }
}

@Suite("Frontend redirects")
struct FrontendRedirectTests {
    @Test(
        "what begins like the pattern is allowed",
        arguments: [
            "https://app.example.com/", "https://app.example.com", "https://app.example.com/tools/gmail?tab=1&x=%2F",
            "https://app.example.com/a..b/...", "https://app.example.com/%7Ealice", "https://app.example.com//x",
            "https://app.example.com/?", "https://app.example.com?x=1", "https://app.example.com/caf%C3%A9",
        ])
    func allowed(target: String) {
        #expect(isAllowed(target, "https://app.example.com/*"))
    }

    @Test(
        "attacks on a pattern are refused",
        arguments: [
            "https://evil.example/", "https://app.example.com.evil.example/", "https://app.example.comevil/",
            "http://app.example.com/", "HTTPS://app.example.com/", "https://APP.example.com/",
            "https://app.example.com:443/", "https://app.example.com:8443/", "https://app.example.com./",
            "https://app.example.com@evil.example/", "https://alice@app.example.com/", "https://:@app.example.com/",
            "https://evil.example\\@app.example.com/", "https://app.example.com\\.evil.example/",
            "https://app.example.com/\\evil", "https://app.example.com/%5cevil", "https://app.example.com/%255Cevil",
            "//app.example.com/", "/tools", "app.example.com/", "javascript://app.example.com/%0aalert(1)",
            "javascript:alert(1)", "data:text/html,x", "https:app.example.com/", "https:/app.example.com/",
            "https:///app.example.com/", "https://app.example.com/../x", "https://app.example.com/a/..",
            "https://app.example.com/./x", "https://app.example.com/.", "https://app.example.com/%2e%2e/x",
            "https://app.example.com/.%2E/x", "https://app.example.com/%2e", "https://app.example.com/%252e%252e/x",
            "https://app.example.com/%25252e./x", "https://app.example.com/a%2f..%2fb",
            "https://app.example.com/..;x/y",
            "https://app.example.com/..%3bx/y", "https://app.example.com/\r\nx", "https://app.example.com/%0d%0ax",
            "https://app.example.com/%00", "https://app.example.com/%7f", "https://app.example.com/%250a",
            "https://app.example.com/?x=%0d%0aSet-Cookie:%20a", "https://app.example.com/ x",
            "https://app.example.com/\tx",
            " https://app.example.com/", "https://app.example.com/#x", "https://app.example.com/?x#y",
            "https://app.example.com/%zz", "https://app.example.com/%", "https://app.example.com/?%4",
            "https://app.example.com/\u{e9}", "https://\u{430}pp.example.com/", "https://app\u{3002}example.com/", "",
            "https://app.example.com/?result=connected", "https://app.example.com/?tool_id=x",
            "https://app.example.com/?a&error=x", "https://app.example.com/?%72esult=connected",
            "https://app.example.com/?x=%ff",
        ])
    func attacks(target: String) {
        #expect(!isAllowed(target, "https://app.example.com/*"))
    }

    @Test("a path before the star must be there")
    func prefix() {
        #expect(isAllowed("https://a.example/app/x", "https://a.example/app/*"))
        #expect(isAllowed("https://a.example/app/", "https://a.example/app/*"))
        #expect(!isAllowed("https://a.example/app", "https://a.example/app/*"))
        #expect(!isAllowed("https://a.example/applet", "https://a.example/app/*"))
        #expect(!isAllowed("https://a.example/APP/x", "https://a.example/app/*"))
        #expect(!isAllowed("https://a.example", "https://a.example/app/*"))
        #expect(!isAllowed("https://a.example/?/app/", "https://a.example/app/*"))
    }

    @Test("a pattern without a star is the whole URL")
    func exact() {
        #expect(isAllowed("https://a.example/done", "https://a.example/done"))
        #expect(isAllowed("https://a.example", "https://a.example/"))
        #expect(isAllowed("https://a.example/done?x=1", "https://a.example/done?x=1"))
        #expect(!isAllowed("https://a.example/done?x=2", "https://a.example/done?x=1"))
        #expect(!isAllowed("https://a.example/done?x=1", "https://a.example/done"))
        #expect(!isAllowed("https://a.example/done/", "https://a.example/done"))
    }

    @Test("a port belongs to the pattern")
    func port() {
        #expect(isAllowed("http://127.0.0.1:3000/x", "http://127.0.0.1:3000/*"))
        #expect(!isAllowed("http://127.0.0.1:3001/x", "http://127.0.0.1:3000/*"))
        #expect(!isAllowed("http://127.0.0.1/x", "http://127.0.0.1:3000/*"))
    }

    @Test("any of several patterns allows, none allows nothing, and a broken one allows nothing")
    func several() {
        #expect(isAllowed("https://b.example/", "https://a.example/*", "https://b.example/*"))
        #expect(!isAllowed("https://a.example/"))
        #expect(!isAllowed("https://a.example/", "https://*/", "*", "https://a.example/*/x"))
    }

    @Test(
        "a pattern whose star is elsewhere, or that is no URL, is refused",
        arguments: [
            "*", "https://*", "https://*.example.com/*", "https://a.example*", "https://a.example:*/x",
            "https://a.example/*/b",
            "https://a.example/**", "https://a.example/?x=*", "https://a.example/?*", "https://alice@a.example/*",
            "https://a.example/#*", "a.example/*", "https://a.example/../*", "",
        ])
    func brokenPatterns(pattern: String) {
        #expect(throws: InvalidURL.self) { try RedirectPattern(pattern) }
    }

    @Test(
        "RFC 9700 §4.11: only tool, result and error are appended, encoded, and the query is kept",
        arguments: [
            ("https://a.example/x", nil, "https://a.example/x?tool_id=gmail&result=connected"),
            ("https://a.example/x?y=%7e", nil, "https://a.example/x?y=%7e&tool_id=gmail&result=connected"),
            (
                "https://a.example/x", "access_denied&x=<script>",
                "https://a.example/x?tool_id=gmail&result=failed&error=access_denied%26x%3D%3Cscript%3E"
            ),
        ] as [(String, String?, String)])
    func final(target: String, error: String?, url: String) {
        let result: FrontendRedirect.Result = error == nil ? .connected : .failed
        #expect(FrontendRedirect.url(target, toolID: Fixture.toolID, result: result, error: error) == url)
    }
}
