import Crypto
import FoundationEssentials
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The page of the callback")
struct CallbackPageTests {
    @Test("the policy lets in the sheet of the page and no other")
    func hash() {
        #expect(Data(SHA256.hash(data: Data(PageStyle.sheet.utf8))).base64EncodedString() == PageStyle.hash)
    }

    @Test(
        "text of others is shown as itself",
        arguments: [
            ("plain", "plain"), ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\"'&", "&quot;&#39;&amp;"), ("a\u{0}b\u{1b}[31m", "a\u{fffd}b\u{fffd}[31m"), ("a\nb\tc", "a b c"),
            ("\u{202e}gpj.exe", "\u{fffd}gpj.exe"), ("\u{2066}x\u{200b}", "\u{fffd}x\u{fffd}"),
            ("שלום", "שלום"), ("jos\u{e9}", "jos\u{e9}"), ("&amp;", "&amp;amp;"),
        ])
    func escaped(_ text: String, _ html: String) {
        #expect(HTMLText.escaped(text) == html)
    }

    @Test("and no more of it than can be read")
    func long() {
        #expect(HTMLText.escaped(String(repeating: "<", count: 5000)).utf8.count == 300 * 4 + 3)
        let zalgo = "e" + String(repeating: "\u{301}", count: 10_000)
        #expect(HTMLText.escaped(zalgo).unicodeScalars.count == 8)
    }

    private static func refused(_ code: String, _ detail: String) -> ToolAuthError {
        var error = ToolAuthError(.providerError, "The provider refused: \(detail)")
        error.provider = AttemptFailure(code: code, detail: detail)
        return error
    }

    @Test(
        "each end has its words, a next step, and the code for whoever helps",
        arguments: [
            (refused("access_denied", "no"), "Not connected", "access_denied", CallbackPage.Mark.refusal),
            (refused("invalid_grant", "expired"), "Not connected", "invalid_grant", .failure),
            (
                ToolAuthError(.invalidCallback, "The state is unknown."), "does not work any more", "invalid-callback",
                .failure
            ),
            (ToolAuthError(.providerUnreachable, "No reply."), "in a few minutes", "provider-unreachable", .failure),
            (ToolAuthError(.storeUnavailable, "Full."), "in a few minutes", "store-unavailable", .failure),
            (ToolAuthError(.notFound, "x"), "Nothing here", "Nothing here", .failure),
            (ToolAuthError(.internalError, "secret cause"), "its journal says what", "internal-error", .failure),
        ] as [(ToolAuthError, String, String, CallbackPage.Mark)])
    func ends(_ error: ToolAuthError, _ words: String, _ fact: String, _ mark: CallbackPage.Mark) {
        let page = CallbackPage(error)
        #expect(page.mark == mark)
        #expect(page.html.contains(words))
        #expect(page.html.contains(fact))
        #expect(!page.html.contains("secret cause"))
        #expect(page.html.utf8.count < 8192)
    }

    @Test("success names tool and user, escaped like all else, and loads nothing")
    func success() throws {
        var record = Sample.record
        record = ToolAuthRecord(
            key: ToolAuthKey(record.toolID, try #require(UserID("<b>alice"))), tokenType: "Bearer", scope: "",
            obtainedAt: Sample.time, expiresAt: nil, hasAccessToken: true, hasRefreshToken: true, clientID: "c",
            tokenOrigin: "o", createdAt: Sample.time)
        let html = CallbackPage.connected(record, title: "A & B").html
        #expect(html.contains("<h1>A &amp; B is connected</h1>"))
        #expect(html.contains("<title>A &amp; B is connected</title>"))
        #expect(html.contains("&lt;b&gt;alice"))
        for foreign in ["<script", "http", "src=", "href=", "style=\""] {
            #expect(!html.contains(foreign), "\(foreign)")
        }
    }
}
