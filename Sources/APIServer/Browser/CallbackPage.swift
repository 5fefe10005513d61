/// What a person reads in the browser once the provider has sent him back: how it ended, and the one thing to do next.
/// Needs no scripts and loads nothing. ``PageHeaders`` go with it.
struct CallbackPage: Sendable, Equatable {
    /// How it ended, at a glance.
    enum Mark: String {
        case success, refusal, warning, failure
    }

    /// Something to pass on to whoever helps.
    struct Fact: Sendable, Equatable {
        var name: String
        var value: String
        /// Whether it is an identifier or a code, and not a sentence.
        var isCode = true
    }

    var mark: Mark
    /// What the heading is about; nil where its statement is a sentence of its own.
    var tool: String?
    /// The heading, or the rest of it after the tool.
    var statement: String
    /// What happened.
    var explanation: String
    /// What to do now.
    var nextStep: String
    var facts: [Fact] = []

    /// The whole document.
    var html: String {
        let page: HTMLText = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            <title>\(title) · toolauthd</title>
            <style>\(PageStyle.sheet)</style>
            </head>
            <body>
            <main class="\(mark.rawValue)">
            <div role="status">
            <svg viewBox="0 0 24 24" aria-hidden="true">\(mark.glyph)</svg>
            <h1>\(heading)</h1>
            <p>\(explanation)</p>
            <p class="next">\(nextStep)</p>
            </div>
            \(factList)</main>
            <footer>toolauthd</footer>
            </body>
            </html>

            """
        return page.source
    }

    private static let titleLimit = 100

    private var title: HTMLText {
        tool.map { "\($0, limit: Self.titleLimit) \(statement)" } ?? "\(statement)"
    }

    /// The tool is isolated: should its title run from right to left, the statement still comes after it.
    private var heading: HTMLText {
        tool.map { "<bdi>\($0, limit: Self.titleLimit)</bdi> \(statement)" } ?? "\(statement)"
    }

    private var factList: HTMLText {
        if facts.isEmpty { return "" }
        let rows = facts.map { fact -> HTMLText in
            let value: HTMLText = fact.isCode ? "<code>\(fact.value)</code>" : "\(fact.value)"
            return #"<div><dt>\#(fact.name)</dt><dd dir="auto">\#(value)</dd></div>"#
        }
        return "<dl>\(rows)</dl>\n"
    }
}

extension CallbackPage.Mark {
    /// Drawn with strokes on a field of 24 by 24. `pathLength` gives each stroke the length 1, whatever it measures.
    fileprivate var glyph: HTMLText {
        switch self {
        case .success: #"<path pathLength="1" d="m5 12.5 4.7 4.7L19 7.5"/>"#
        case .refusal: #"<path pathLength="1" d="M6 12h12"/>"#
        case .warning: #"<path pathLength="1" d="M12 5v8.5"/><path pathLength="1" d="M12 18.5v.01"/>"#
        case .failure: #"<path pathLength="1" d="m7 7 10 10"/><path pathLength="1" d="M17 7 7 17"/>"#
        }
    }
}
