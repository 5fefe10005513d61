import ToolAuthCore

/// What somebody reads in the browser once the provider has sent him back: how it ended, and what he does next. Works
/// without scripts and loads nothing.
struct CallbackPage: Equatable {
    enum Mark: String {
        case success, refusal, failure
    }

    var mark: Mark
    /// One short sentence, the heading and the title of the window.
    var heading: String
    /// What happened, in a sentence or two.
    var text: String
    /// What to do now.
    var next: String
    /// Name and value of what whoever helps him needs to know; shown small.
    var facts: [(name: String, value: String)] = []

    static func == (lhs: Self, rhs: Self) -> Bool { lhs.html == rhs.html }

    // MARK: The outcomes

    /// - Parameter title: of the tool, as its configuration has it.
    static func connected(_ record: ToolAuthRecord, title: String) -> CallbackPage {
        CallbackPage(
            mark: .success, heading: "\(title) is connected",
            text: "The connection is stored, and is kept fresh from now on.",
            next: "You can close this window.",
            facts: [("Tool", record.toolID.rawValue), ("User", record.userID.rawValue)])
    }

    init(_ error: ToolAuthError) {
        let provider = error.provider
        var facts = [("Error", provider?.code ?? error.code.name)]
        if let detail = provider?.detail, detail != error.detail { facts.append(("Provider", detail)) }
        switch (error.code, provider?.code) {
        case (.providerError, "access_denied"):
            self.init(
                mark: .refusal, heading: "Not connected",
                text: "Access was not granted, so nothing was stored.",
                next: "You can close this window, or start again from where you came.", facts: facts)
        case (.invalidCallback, _):
            self.init(
                mark: .failure, heading: "This link does not work any more",
                text: error.detail, next: "Start again from where you came: each link works once, and not for long.",
                facts: facts)
        case (.providerUnreachable, _), (.storeUnavailable, _), (.refreshPending, _):
            self.init(
                mark: .failure, heading: "Not connected", text: error.detail,
                next: "Start again in a few minutes; nothing was stored.", facts: facts)
        case (.notFound, _):
            self.init(
                mark: .failure, heading: "Nothing here",
                text: "Only providers send browsers to this address, when somebody connects a tool.",
                next: "You can close this window.")
        case (.methodNotAllowed, _), (.invalidRequest, _), (.targetTooLarge, _):
            self.init(
                mark: .failure, heading: "That was no way to come here", text: error.detail,
                next: "Start again from where you came.", facts: facts)
        case (.internalError, _):
            self.init(
                mark: .failure, heading: "Not connected",
                text: "Something went wrong in toolauthd; its journal says what.",
                next: "Start again; if it happens once more, tell an administrator.", facts: facts)
        default:
            self.init(
                mark: .failure, heading: "Not connected", text: error.detail, next: "Start again from where you came.",
                facts: facts)
        }
    }

    init(mark: Mark, heading: String, text: String, next: String, facts: [(String, String)] = []) {
        self.mark = mark
        self.heading = heading
        self.text = text
        self.next = next
        self.facts = facts.map { (name: $0.0, value: $0.1) }
    }

    // MARK: The document

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>\(HTMLText.escaped(heading))</title>
        <style>\(PageStyle.sheet)</style>
        </head>
        <body>
        <main class="\(mark.rawValue)">
        <svg viewBox="0 0 48 48" width="56" height="56" aria-hidden="true">\(glyph)</svg>
        <h1>\(HTMLText.escaped(heading))</h1>
        <p dir="auto">\(HTMLText.escaped(text))</p>
        <p class="next">\(HTMLText.escaped(next))</p>
        \(factList)</main>
        <footer>toolauthd</footer>
        </body>
        </html>

        """
    }

    private var glyph: String {
        let circle = #"<circle cx="24" cy="24" r="21"/>"#
        return switch mark {
        case .success: circle + #"<path d="m15 25 6.5 6.5L34 18"/>"#
        case .refusal: circle + #"<path d="M15 24h18"/>"#
        case .failure: circle + #"<path d="M24 14v13"/><path d="M24 33v.5"/>"#
        }
    }

    private var factList: String {
        if facts.isEmpty { return "" }
        let rows = facts.map { fact in
            #"<div><dt>\#(HTMLText.escaped(fact.name))</dt><dd dir="auto">\#(HTMLText.escaped(fact.value))</dd></div>"#
        }
        return "<dl>\(rows.joined())</dl>\n"
    }
}
