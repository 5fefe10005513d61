import Glibc

/// An open file, closed when the last reference goes.
final class FileDescriptor: Sendable {
    let number: Int32

    /// - Returns: nil, with `errno` set, if it cannot be opened. Never inherited by child processes.
    init?(_ path: String, _ flags: Int32, mode: mode_t = 0) {
        let opened = Glibc.open(path, flags | O_CLOEXEC, mode)
        // Before the property is set: a failure after that would run deinit, whose close overwrites errno.
        if opened < 0 { return nil }
        number = opened
    }

    deinit {
        Glibc.close(number)
    }

    /// - Returns: nil, with `errno` set, if the system does not say.
    var status: stat? {
        var status = stat()
        return fstat(number, &status) == 0 ? status : nil
    }

    /// Fills a prefix of `buffer`, short only at the end of the file.
    ///
    /// - Returns: how many bytes were read; nil, with `errno` set, on failure.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        var count = 0
        while count < buffer.count {
            let result = Glibc.read(number, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            if result < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if result == 0 { break }
            count += result
        }
        return count
    }

    /// Writes all of `buffer`.
    ///
    /// - Returns: false, with `errno` set, on failure.
    func write(_ buffer: UnsafeRawBufferPointer) -> Bool {
        var count = 0
        while count < buffer.count {
            let result = Glibc.write(number, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            if result < 0 {
                if errno == EINTR { continue }
                return false
            }
            count += result
        }
        return true
    }

    /// - Returns: false, with `errno` set, if the data may not be on disk.
    func sync() -> Bool {
        fsync(number) == 0
    }
}

extension stat {
    var permissions: mode_t { st_mode & 0o777 }
    var isDirectory: Bool { st_mode & S_IFMT == S_IFDIR }
    var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
    var isOpenToOthers: Bool { permissions & 0o077 != 0 }
}
