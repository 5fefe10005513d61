import ToolAuthCore

/// The labels that metrics of ours have. Each has few values, known beforehand: never users, hosts or what a request says.
package enum MetricLabel: String, Sendable {
    /// The id of a configured tool.
    case tool
    /// How an attempt ended; see `RefreshOutcome.name`.
    case outcome
    /// Of stored grants, as the API names it.
    case status
    /// Method and path of the API, with the names of ids for the ids.
    case route
    /// The status of an answer.
    case code
}

/// The values of a family's labels, in the order of the labels; two at most, so that no array is made for each count.
struct LabelValues: Hashable, Comparable {
    let first: String
    let second: String

    static let none = LabelValues(first: "", second: "")
    /// Of all that are beyond what a family holds.
    static let other = LabelValues(first: "other", second: "other")

    static func < (lhs: Self, rhs: Self) -> Bool {
        bytesEqual(lhs.first, rhs.first)
            ? bytesPrecede(lhs.second, rhs.second) : bytesPrecede(lhs.first, rhs.first)
    }
}
