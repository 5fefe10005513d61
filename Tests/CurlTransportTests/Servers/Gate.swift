import Glibc
import Synchronization

/// Holds threads up until it is opened.
final class Gate: Sendable {
    private let isOpen = Atomic<Bool>(false)

    func open() { isOpen.store(true, ordering: .releasing) }

    var isNowOpen: Bool { isOpen.load(ordering: .acquiring) }

    /// Blocks the thread, at most for three minutes.
    func wait() {
        let end = ContinuousClock.now + .seconds(180)
        while !isOpen.load(ordering: .acquiring), ContinuousClock.now < end { usleep(2000) }
    }
}
