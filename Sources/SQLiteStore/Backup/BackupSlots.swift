import ToolAuthCore

/// Bounds how many copies of the store lie on its disk at once.
final class BackupSlots: Sendable {
    static let limit = 4

    private let taken = Locked(0)

    /// - Returns: nil if all are taken.
    func take() -> BackupSlot? {
        let isFree = taken.withLock { taken in
            guard taken < Self.limit else { return false }
            taken += 1
            return true
        }
        return isFree ? BackupSlot(self) : nil
    }

    fileprivate func giveBack() { taken.withLock { $0 -= 1 } }
}

/// Given back when the last reference goes.
final class BackupSlot: Sendable {
    private let slots: BackupSlots

    fileprivate init(_ slots: BackupSlots) { self.slots = slots }

    deinit { slots.giveBack() }
}
