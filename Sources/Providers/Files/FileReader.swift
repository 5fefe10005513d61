import Glibc

/// Reads whole small files.
enum FileReader {
    /// Why a file was not read, as the end of a sentence.
    struct Failure: Error, Sendable, Equatable {
        let detail: String
        /// Whether there is no such file.
        let isMissing: Bool
    }

    struct Contents: Sendable {
        var bytes: [UInt8]
        /// Permission bits.
        var mode: UInt32
    }

    /// Reads a regular file, through symbolic links; never waits on a pipe or a device.
    static func read(_ path: String, limit: Int) throws(Failure) -> Contents {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(detail: "is not a regular file", isMissing: false)
        }
        // One byte more than allowed tells a file that is too long; its size may lie while it is written.
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit + 1, 64 << 10))
        defer { buffer.withUnsafeMutableBytes { if let base = $0.baseAddress { explicit_bzero(base, $0.count) } } }
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, min(buffer.count, limit + 1 - bytes.count))
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(errno)
            }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        guard bytes.count <= limit else {
            throw Failure(detail: "is longer than \(limit) bytes", isMissing: false)
        }
        return Contents(bytes: bytes, mode: status.st_mode & 0o7777)
    }

    static func failure(_ code: Int32) -> Failure {
        Failure(detail: "cannot be read: \(String(cString: strerror(code)))", isMissing: code == ENOENT)
    }
}
