/// Why a refresh is wanted.
package enum RefreshReason: Sendable, Equatable {
    /// It is due.
    case scheduled
    /// Its refresh token may have been used already, and may be sent again only for a short while.
    case resend
    /// A reader found too little life left in the token of this generation.
    case read(generation: Int64)
    /// Somebody asked for it, or reports that the provider refused the token of this generation.
    case forced(generation: Int64)

    /// Whether somebody waits for it.
    package var isForeground: Bool { generation != nil }

    /// Where it waits for its attempt.
    package var precedence: Precedence {
        switch self {
        case .scheduled: .background
        case .resend: .urgent
        case .read, .forced: .foreground
        }
    }

    /// The generation it is about; an attempt that finds a newer one has nothing to do.
    package var generation: Int64? {
        switch self {
        case .scheduled, .resend: nil
        case .read(let generation), .forced(let generation): generation
        }
    }
}
