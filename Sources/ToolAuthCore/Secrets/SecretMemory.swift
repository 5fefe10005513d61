import Glibc

/// Where secrets lie: pages that are locked, so that they are never written to swap, and left out of core dumps.
///
/// The kernel locks whole pages, and a process may lock few; so secrets share them, in slots of powers of two. One longer
/// than the largest slot has pages of its own. What the kernel refuses to lock is used all the same, and counted: a token
/// that may be written to swap is better than none.
package final class SecretMemory: Sendable {
    /// That of every secret for which nobody names another.
    package static let shared = SecretMemory()

    /// Bytes of pages in use.
    package struct Usage: Sendable, Equatable {
        package var locked = 0
        /// Refused by the kernel: beyond RLIMIT_MEMLOCK, or not permitted.
        package var unlocked = 0
    }

    static let smallestSlot = 32
    static let largestSlot = 8192
    /// Slots of a block, unless a few pages hold more.
    private static let slotsOfABlock = 8
    private static let pagesOfABlock = 4

    private let lock: @Sendable (UnsafeMutableRawBufferPointer) -> Bool
    private let state: Locked<State>

    private struct State {
        /// Blocks with a free slot, by the power of two of their slots.
        var slots: [Int: [SecretBlock]] = [:]
        var counted = Usage()
    }

    /// - Parameter lock: locks pages, and returns whether it could.
    package init(lock: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Bool = SecretMemory.systemLock) {
        self.lock = lock
        state = Locked(State())
    }

    /// Called once nothing lies here any more: each secret holds on to its memory.
    deinit {
        state.withLock { for block in $0.slots.values.joined() { block.pages.release() } }
    }

    /// mlock(2).
    package static let systemLock: @Sendable (UnsafeMutableRawBufferPointer) -> Bool = { memory in
        memory.baseAddress.map { mlock($0, memory.count) == 0 } ?? true
    }

    package var usage: Usage { state.withLock { $0.counted } }

    /// Memory for so many bytes, more than none.
    func allocate(_ byteCount: Int) -> Allocation {
        state.withLock { state in
            guard byteCount <= Self.largestSlot else {
                let pages = makePages(byteCount, &state)
                return Allocation(
                    memory: UnsafeMutableRawBufferPointer(rebasing: pages.memory[..<byteCount]), of: .pages(pages))
            }
            let slotSize = Self.slotSize(for: byteCount)
            let block = blockWithRoom(slotSize, &state)
            let slot = block.take()
            if block.isFull { state.slots[slotSize]?.removeAll { $0 === block } }
            return Allocation(memory: UnsafeMutableRawBufferPointer(start: slot, count: byteCount), of: .slot(block))
        }
    }

    /// Overwrites what lies there, and takes the memory back.
    func deallocate(_ allocation: Allocation) {
        guard let base = allocation.memory.baseAddress else { return }
        explicit_bzero(base, allocation.memory.count)
        state.withLock { state in
            switch allocation.origin {
            case .pages(let pages): release(pages, &state)
            case .slot(let block):
                let wasFull = block.isFull
                block.giveBack(base)
                var blocks = state.slots[block.slotSize, default: []]
                if wasFull { blocks.append(block) }
                // One is kept: a process that has one secret at a time would otherwise ask the kernel for each.
                if block.isUnused, blocks.count > 1 {
                    blocks.removeAll { $0 === block }
                    release(block.pages, &state)
                }
                state.slots[block.slotSize] = blocks
            }
        }
    }

    /// The power of two that holds so many bytes.
    static func slotSize(for byteCount: Int) -> Int {
        var size = smallestSlot
        while size < byteCount { size *= 2 }
        return size
    }

    private func blockWithRoom(_ slotSize: Int, _ state: inout State) -> SecretBlock {
        if let block = state.slots[slotSize]?.last { return block }
        let size = max(Self.pagesOfABlock * LockedPages.pageSize, Self.slotsOfABlock * slotSize)
        let block = SecretBlock(slotSize: slotSize, pages: makePages(size, &state))
        state.slots[slotSize, default: []].append(block)
        return block
    }

    private func makePages(_ byteCount: Int, _ state: inout State) -> LockedPages {
        let pages = LockedPages(byteCount: byteCount, lock: lock)
        state.counted.add(pages.memory.count, of: pages)
        return pages
    }

    private func release(_ pages: LockedPages, _ state: inout State) {
        state.counted.add(-pages.memory.count, of: pages)
        pages.release()
    }
}

extension SecretMemory {
    /// Memory that one secret has.
    struct Allocation {
        enum Origin {
            case slot(SecretBlock)
            case pages(LockedPages)
        }

        let memory: UnsafeMutableRawBufferPointer
        let origin: Origin

        init(memory: UnsafeMutableRawBufferPointer, of origin: Origin) {
            self.memory = memory
            self.origin = origin
        }
    }
}

extension SecretMemory.Usage {
    fileprivate mutating func add(_ bytes: Int, of pages: LockedPages) {
        if pages.areLocked { locked += bytes } else { unlocked += bytes }
    }
}
