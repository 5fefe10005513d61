/// What a lookup of a host name gave.
package enum NameAnswer: Sendable, Equatable {
    /// Addresses as text, in the order to try them; never empty.
    case addresses([String])
    case failed(reason: String)
}
