import Glibc
import ToolAuthCore

/// Collects a reply's body up to a limit. No copy of it is left behind in memory: what growing abandons is zeroed, and
/// so is the whole at the end.
final class ReplyBuffer {
    private let limit: Int
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// - Parameter limit: bytes it takes at most; less than nothing counts as nothing.
    init(limit: Int) {
        self.limit = max(0, limit)
        memory = .allocate(byteCount: min(self.limit, 4096), alignment: 1)
    }

    /// - Returns: false, and takes nothing, when that would go beyond the limit.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= limit - count else { return false }
        if bytes.count > memory.count - count { grow(toHold: count + bytes.count) }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
        return true
    }

    /// A copy of what was collected.
    var secret: Secret { Secret(UnsafeRawBufferPointer(rebasing: memory[..<count])) }

    /// Forgets what was collected.
    func clear() {
        if let base = memory.baseAddress { explicit_bzero(base, count) }
        count = 0
    }

    private func grow(toHold needed: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(needed, min(limit, memory.count * 2)), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        if let base = memory.baseAddress { explicit_bzero(base, count) }
        memory.deallocate()
        memory = larger
    }

    deinit {
        clear()
        memory.deallocate()
    }
}
