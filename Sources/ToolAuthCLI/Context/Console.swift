import Glibc
import ToolAuthCore

/// A stream to write to, and what it is.
package struct Console: Sendable {
    package var isTerminal: Bool
    package var usesColor: Bool
    /// Columns; nil: nothing that has any.
    package var width: Int?
    package var write: @Sendable ([UInt8]) -> Void
    /// The errno of the first write that failed; nil: all has been taken so far.
    package var failure: @Sendable () -> Int32?

    package init(
        isTerminal: Bool, usesColor: Bool, width: Int?, write: @escaping @Sendable ([UInt8]) -> Void,
        failure: @escaping @Sendable () -> Int32? = { nil }
    ) {
        self.isTerminal = isTerminal
        self.usesColor = usesColor
        self.width = width
        self.write = write
        self.failure = failure
    }

    /// A stream of the process, unbuffered: what was written is seen even if the program is killed while it waits.
    package init(descriptor: Int32, environment: (String) -> String?) {
        let isTerminal = isatty(descriptor) == 1
        let first = Locked<Int32?>(nil)
        self.init(
            isTerminal: isTerminal, usesColor: Painter.isWanted(isTerminal: isTerminal, environment: environment),
            width: isTerminal ? Self.columns(descriptor, environment) : nil,
            write: { bytes in
                guard let code = Self.writeAll(bytes, to: descriptor) else { return }
                first.withLock { $0 = $0 ?? code }
            },
            failure: { first.withLock { $0 } })
    }

    var painter: Painter { Painter(isEnabled: usesColor) }

    func write(_ text: String) {
        write(Array(text.utf8))
    }

    func line(_ text: String) {
        write(text + "\n")
    }

    private static func columns(_ descriptor: Int32, _ environment: (String) -> String?) -> Int {
        var size = winsize()
        if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return environment("COLUMNS").flatMap(Int.init) ?? 80
    }

    /// - Returns: why the stream takes no more (a full disk, a closed pipe), and the rest is lost; nil: it took all.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}
