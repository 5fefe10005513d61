/// A piece of HTML. What is interpolated into its literal is text of others and is escaped, so that markup comes from
/// this module's literals alone:
///
///     let heading: HTMLText = "<h1>\(title)</h1>"
///
/// Safe as the content of elements and in quoted attributes; not in scripts, styles and URLs, whose rules are others.
struct HTMLText: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The markup.
    let source: String

    init(stringLiteral value: String) { source = value }

    init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var source = ""

        init(literalCapacity: Int, interpolationCount: Int) { source.reserveCapacity(2 * literalCapacity) }

        mutating func appendLiteral(_ literal: String) { source += literal }

        /// - Parameter limit: the most characters shown.
        mutating func appendInterpolation(_ text: String, limit: Int = ShownText.limit) {
            for scalar in ShownText.of(text, limit: limit).unicodeScalars {
                switch scalar {
                case "&": source += "&amp;"
                case "<": source += "&lt;"
                case ">": source += "&gt;"
                case "\"": source += "&quot;"
                case "'": source += "&#39;"
                default: source.unicodeScalars.append(scalar)
                }
            }
        }

        mutating func appendInterpolation(_ piece: HTMLText) { source += piece.source }

        mutating func appendInterpolation(_ pieces: [HTMLText]) { for piece in pieces { source += piece.source } }
    }
}
