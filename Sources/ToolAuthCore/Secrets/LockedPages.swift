import Glibc

/// Whole pages of memory that the kernel writes neither to swap nor into a core dump.
struct LockedPages {
    let memory: UnsafeMutableRawBufferPointer
    /// False: the kernel refused, and they may be written to swap (RLIMIT_MEMLOCK, setrlimit(2)).
    let areLocked: Bool

    static let pageSize = sysconf(Int32(_SC_PAGESIZE))

    /// At least `byteCount` bytes, all zero. Ends the process where there is no memory left, as any allocation does.
    ///
    /// - Parameter lock: locks the pages, and returns whether it could.
    init(byteCount: Int, lock: (UnsafeMutableRawBufferPointer) -> Bool) {
        let size = (byteCount + Self.pageSize - 1) / Self.pageSize * Self.pageSize
        let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, Int(bitPattern: address) != -1 else {  // MAP_FAILED
            // Nothing can be said of a secret that has no place, and nobody who allocates is asked either.
            fatalError("no memory left for \(size) bytes of secrets: \(String(cString: strerror(errno)))")
        }
        memory = UnsafeMutableRawBufferPointer(start: address, count: size)
        areLocked = lock(memory)
        // Where a kernel does not know it, the process forbids dumps as a whole.
        madvise(address, size, MADV_DONTDUMP)
    }

    /// Gives the pages back. Whatever is in them must have been overwritten.
    func release() {
        munmap(memory.baseAddress, memory.count)
    }
}
