import Synchronization

/// Tells transfers apart for as long as the process runs.
struct TransferID: Hashable, Sendable {
    private static let last = Atomic<UInt64>(0)
    private let number: UInt64

    /// A new one.
    init() { number = Self.last.wrappingAdd(1, ordering: .relaxed).newValue }
}
