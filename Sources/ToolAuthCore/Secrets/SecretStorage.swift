/// A secret's bytes, which are overwritten before their memory is given back.
final class SecretStorage: Sendable {
    // Unsafe, because a pointer is never Sendable by itself, and this one may be: its memory is written in the
    // initializer, before anyone else can see it, and in deinit, when nobody can any more; in between it is only read.
    nonisolated(unsafe) private let allocation: SecretMemory.Allocation?
    private let memory: SecretMemory

    init(copying bytes: some Collection<UInt8>, in memory: SecretMemory) {
        self.memory = memory
        let count = bytes.count
        allocation = count == 0 ? nil : memory.allocate(count)
        allocation?.memory.copyBytes(from: bytes)
    }

    var buffer: UnsafeRawBufferPointer {
        allocation.map { UnsafeRawBufferPointer($0.memory) } ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    deinit {
        if let allocation { memory.deallocate(allocation) }
    }
}
