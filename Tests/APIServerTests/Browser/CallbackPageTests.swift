import Crypto
import FoundationEssentials
import Testing
import ToolAuthCore

@testable import APIServer

@Suite("The page of the callback")
struct CallbackPageTests {
    private static func error(
        _ code: ToolAuthError.Code, _ detail: String = "What was wrong.", provider: String? = nil
    ) -> ToolAuthError {
        var error = ToolAuthError(code, detail)
        error.provider = provider.map { AttemptFailure(code: $0, detail: "What the provider said.") }
        return error
    }

    private static func connected(_ title: String = "Example Mail", user: String = "alice") throws -> CallbackPage {
        let key = ToolAuthKey(try #require(ToolID("mail")), try #require(UserID(user)))
        return .connected(key, title: title)
    }

    @Test("success names tool and user, and says that one is done")
    func success() throws {
        let html = try Self.connected("A & B", user: "<b>alice").html
        for words in [
            "<h1><bdi>A &amp; B</bdi> is connected</h1>", "<title>A &amp; B is connected · toolauthd</title>",
            "<code>mail</code>", "<code>&lt;b&gt;alice</code>", "You can close this window.",
            #"<main class="success">"#,
        ] {
            #expect(html.contains(words))
        }
    }

    @Test(
        "each end has its mark, its words, and the code for whoever helps",
        arguments: [
            (error(.providerError, provider: "access_denied"), .refusal, "not granted", "access_denied"),
            (error(.providerError, provider: "invalid_grant"), .failure, "failed", "invalid_grant"),
            (error(.providerError), .failure, "failed", "provider-error"),
            (error(.providerError, provider: "no_refresh_token"), .warning, "as before", "no_refresh_token"),
            (error(.invalidCallback), .warning, "does not work", "invalid-callback"),
            (error(.invalidRequest), .warning, "does not work", "invalid-request"),
            (error(.providerUnreachable), .warning, "not connected this time", "provider-unreachable"),
            (error(.providerUnreachable, provider: "timeout"), .warning, "a few minutes", "provider-unreachable"),
            (error(.storeUnavailable), .warning, "a few minutes", "store-unavailable"),
            (error(.toolPaused), .warning, "a few minutes", "tool-paused"),
            (error(.internalError), .failure, "went wrong", "internal-error"),
            (error(.unknownTool), .failure, "went wrong", "unknown-tool"),
        ] as [(ToolAuthError, CallbackPage.Mark, String, String)])
    func ends(_ error: ToolAuthError, _ mark: CallbackPage.Mark, _ words: String, _ code: String) {
        let page = CallbackPage(error)
        #expect(page.mark == mark)
        #expect("\(page.statement) \(page.explanation) \(page.nextStep)".lowercased().contains(words))
        #expect(page.facts.first == CallbackPage.Fact(name: "Error", value: code))
        #expect(page.html.contains("<code>\(code)</code>"))
    }

    @Test("what the provider said is shown, and what is wrong with a callback")
    func reasons() {
        #expect(
            CallbackPage(Self.error(.providerError, provider: "server_error")).html.contains("What the provider said."))
        #expect(CallbackPage(Self.error(.invalidCallback)).html.contains("What was wrong."))
    }

    @Test("of a fault of ours nothing is said but that there is one")
    func fault() {
        let html = CallbackPage(Self.error(.internalError, "the cause")).html
        #expect(!html.contains("the cause"))
        #expect(html.contains("journal"))
    }

    @Test("a request for something else has nothing to pass on")
    func otherRequests() {
        for page in [CallbackPage(Self.error(.notFound)), CallbackPage(Self.error(.methodNotAllowed))] {
            #expect(page.facts.isEmpty)
            #expect(!page.html.contains("<dl>"))
        }
    }

    private static func everyPage() throws -> [CallbackPage] {
        let hostile = #""><script>alert(1)</script>'"# + String(repeating: "<", count: 5000)
        return [
            try connected(), try connected(hostile, user: String(repeating: "<", count: 255)),
            .denied(description: hostile), .failed(code: hostile, description: hostile),
            .keptFormerGrant(code: hostile), .invalidCallback(code: hostile, reason: hostile),
            .temporarilyUnavailable(code: hostile, reason: nil),
            .fault(code: hostile, reason: hostile), .notFound, .methodNotAllowed,
        ]
    }

    @Test("no page has a script or a style of its own, or loads anything, whatever it shows")
    func inert() throws {
        for page in try Self.everyPage() {
            // All tags: what is shown has no angle brackets left.
            let tags = page.html.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            for tag in tags {
                let name = tag.prefix { $0 != " " }
                #expect(!["script", "img", "link", "iframe", "a", "form"].contains(String(name)), "\(tag)")
                for attribute in [" on", " style=", " src=", " href="] { #expect(!tag.contains(attribute), "\(tag)") }
            }
        }
    }

    @Test("every page is for all: language, landmarks, status, heading, next step")
    func accessible() throws {
        for page in try Self.everyPage() {
            for part in [
                #"<html lang="en">"#, #"<meta name="viewport""#, "<main class=", #"<div role="status">"#, "<h1>",
                #"<svg viewBox="0 0 24 24" aria-hidden="true">"#, #"<p class="next">"#, "<footer>toolauthd</footer>",
            ] {
                #expect(page.html.components(part) == 2, "\(part)")
            }
        }
    }

    @Test("every page is small, whatever it shows")
    func small() throws {
        for page in try Self.everyPage() { #expect(page.html.utf8.count < 8192) }
    }

    @Test("the policy lets in the sheet of the page and no other")
    func hash() throws {
        let digest = SHA256.hash(data: Data(PageStyle.sheet.source.utf8))
        #expect(Data(digest).base64EncodedString() == PageStyle.hash)
        #expect(try Self.connected().html.contains("<style>\(PageStyle.sheet.source)</style>"))
        let policy = try #require(PageHeaders.all.first { $0.name == "Content-Security-Policy" }?.value)
        #expect(
            policy == "default-src 'none'; style-src 'sha256-\(PageStyle.hash)'; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'")
    }

    @Test("the header fields keep the address, which has a code in it, to the browser")
    func headers() {
        let fields = Dictionary(PageHeaders.all.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(fields.count == PageHeaders.all.count)
        #expect(fields["Content-Type"] == "text/html; charset=utf-8")
        #expect(fields["Referrer-Policy"] == "no-referrer")
        #expect(fields["Cache-Control"] == "no-store")
        #expect(fields["X-Content-Type-Options"] == "nosniff")
        #expect(fields["X-Frame-Options"] == "DENY")
        #expect(fields["Cross-Origin-Opener-Policy"] == "same-origin")
    }
}

extension String {
    /// How many pieces it falls into around `separator`.
    fileprivate func components(_ separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }
}
