import Glibc

/// Where a command reads from.
package struct StandardInput: Sendable {
    package var isTerminal: Bool
    /// Reads some bytes, at most as many as asked for; empty: the end.
    package var read: @Sendable (_ most: Int) throws(ReadFailure) -> [UInt8]

    /// Why there is no telling what comes next.
    package struct ReadFailure: Error, Equatable {
        package let errno: Int32
    }

    package init(isTerminal: Bool, read: @escaping @Sendable (Int) throws(ReadFailure) -> [UInt8]) {
        self.isTerminal = isTerminal
        self.read = read
    }

    /// Reads a descriptor of the process.
    package init(descriptor: Int32) {
        self.init(isTerminal: isatty(descriptor) == 1) { most throws(ReadFailure) in
            var buffer = [UInt8](repeating: 0, count: most)
            while true {
                let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
                if count >= 0 { return Array(buffer.prefix(count)) }
                if errno != EINTR { throw ReadFailure(errno: errno) }
            }
        }
    }

    /// All there is, or the first bytes past `limit`.
    func all(limit: Int) throws(ReadFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= limit {
            let more = try read(64 * 1024)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// A line without its end and the blanks around it; takes nothing beyond it. An error counts as the end.
    func line(limit: Int = 16 * 1024) -> String {
        var bytes: [UInt8] = []
        while bytes.count < limit, let byte = (try? read(1))?.first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        let isBlank = { (byte: UInt8) in byte <= UInt8(ascii: " ") }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}

extension StandardInput {
    /// - Returns: nil for what is no file, or has no size.
    static func size(ofFile path: String) -> Int? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// A file; nil, with the reason in `errno`: it cannot be opened.
    init?(path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
        let file = OpenFile(descriptor)
        self.init(isTerminal: false) { most throws(ReadFailure) in
            try StandardInput(descriptor: file.descriptor).read(most)
        }
    }
}

/// A descriptor that is closed with its last user.
private final class OpenFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

/// What an errno means, in words.
func systemError(_ code: Int32 = errno) -> String {
    String(cString: strerror(code))
}
