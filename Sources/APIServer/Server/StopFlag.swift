import Synchronization

/// Says that no more than what takes an instant is to be begun or gone on with.
final class StopFlag: Sendable {
    private let isRaised = Atomic(false)

    func raise() { isRaised.store(true, ordering: .relaxed) }

    /// - Throws: `CancellationError` once it is raised.
    func check() throws {
        if isRaised.load(ordering: .relaxed) { throw CancellationError() }
    }
}
