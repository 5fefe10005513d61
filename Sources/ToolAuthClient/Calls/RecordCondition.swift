/// What must be stored for a write to happen; else the daemon refuses with problem `generation-mismatch`.
public enum RecordCondition: Sendable, Equatable {
    /// Anything.
    case none
    /// Nothing: `If-None-Match: *`.
    case absent
    /// The record at this generation: `If-Match`.
    case generation(Int64)

    var fields: [(name: String, value: String)] {
        switch self {
        case .none: []
        case .absent: [("If-None-Match", "*")]
        case .generation(let generation): [("If-Match", "\"\(generation)\"")]
        }
    }
}
