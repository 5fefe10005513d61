import Glibc

/// Finds out who holds a BSD lock, for an error message.
enum LockHolder {
    /// The process that has locked the file of `status`, as `/proc/locks` tells (proc(5)); nil where it does not: in a
    /// unit with `ProcSubset=pid`, or on a file system that counts its devices otherwise there.
    static func processID(of status: stat) -> Int32? {
        guard let locks = FileDescriptor("/proc/locks", O_RDONLY) else { return nil }
        let text = withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
            locks.read(into: buffer).map { String(decoding: buffer[..<$0], as: UTF8.self) }
        }
        return text.flatMap { processID(in: $0, device: UInt64(status.st_dev), inode: UInt64(status.st_ino)) }
    }

    /// Lines look like `1: FLOCK  ADVISORY  WRITE 4711 fe:01:131074 0 EOF`; waiters have `->` after the number.
    static func processID(in text: String, device: UInt64, inode: UInt64) -> Int32? {
        let major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfff)
        let minor = (device & 0xff) | (device >> 12 & ~0xff)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", let holder = Int32(fields[4]), holder > 0 else { continue }
            let place = fields[5].split(separator: ":")
            guard place.count == 3, UInt64(place[0], radix: 16) == major, UInt64(place[1], radix: 16) == minor,
                UInt64(place[2]) == inode
            else { continue }
            return holder
        }
        return nil
    }
}
