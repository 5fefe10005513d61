/// In what order records wait for their attempt at one endpoint.
package enum Precedence: Int, Sendable, Comparable {
    /// Somebody waits.
    case foreground
    /// Its refresh token may be sent again only for a short while.
    case urgent
    /// It is due.
    case background

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
