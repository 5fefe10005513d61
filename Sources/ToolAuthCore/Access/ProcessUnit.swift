/// The system unit that a process runs in, as far as it can be told.
package enum ProcessUnit: Sendable, Hashable {
    /// Such as `assistants.service`. Units of a user's own manager count as its `user@1000.service`.
    case named(String)
    /// It runs in none.
    case outside
    /// It cannot be told, as of a process that has ended: it may be any, or none.
    case unknown

    /// nil: none, or it cannot be told.
    package var name: String? {
        if case .named(let name) = self { name } else { nil }
    }
}
