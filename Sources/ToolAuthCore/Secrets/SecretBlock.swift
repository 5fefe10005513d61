/// Pages that are shared by secrets of about one size, each of which has a slot.
///
/// Kept by a `SecretMemory`, under whose lock all but `slot(_:)` is called.
final class SecretBlock {
    let slotSize: Int
    let pages: LockedPages
    /// Indices of the slots that nobody has; the last goes first.
    private var free: [Int]
    private let slotCount: Int

    init(slotSize: Int, pages: LockedPages) {
        self.slotSize = slotSize
        self.pages = pages
        slotCount = pages.memory.count / slotSize
        free = Array((0..<slotCount).reversed())
    }

    var isFull: Bool { free.isEmpty }
    var isUnused: Bool { free.count == slotCount }

    /// A slot that is from now on the caller's; there must be one left.
    func take() -> UnsafeMutableRawPointer {
        guard let base = pages.memory.baseAddress else { preconditionFailure("a block has pages") }
        return base + free.removeLast() * slotSize
    }

    /// Takes a slot back, which must have been overwritten.
    func giveBack(_ slot: UnsafeMutableRawPointer) {
        guard let base = pages.memory.baseAddress else { preconditionFailure("a block has pages") }
        free.append((slot - base) / slotSize)
    }
}
