/// How a piece of text looks on a terminal.
enum Style: String, Sendable, CaseIterable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"

    /// The colour of a status word of the API: green where nothing is to be done, yellow where somebody may want to
    /// look, red where somebody must.
    init(status word: String) {
        switch word {
        case "healthy", "available", "connected", "ok": self = .green
        case "degraded", "paused", "pending": self = .yellow
        case "needs_reauthorization", "unavailable", "denied", "expired", "failed": self = .red
        default: self = .plain
        }
    }
}

/// Puts styles on text, or leaves it alone.
struct Painter: Sendable {
    let isEnabled: Bool

    func callAsFunction(_ text: String, _ style: Style) -> String {
        isEnabled && style != .plain && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    /// Whether to paint: on a terminal, unless `NO_COLOR` is set and not empty, or the terminal cannot.
    static func isWanted(isTerminal: Bool, environment: (String) -> String?) -> Bool {
        guard isTerminal, environment("NO_COLOR").map(\.isEmpty) ?? true else { return false }
        return !["", "dumb"].contains(environment("TERM") ?? "")
    }
}
