import Glibc

/// A stream to write to, and what it is.
package struct Console: Sendable {
    package var isTerminal: Bool
    package var usesColor: Bool
    /// Columns; nil: nothing that has any.
    package var width: Int?
    package var write: @Sendable ([UInt8]) -> Void

    package init(isTerminal: Bool, usesColor: Bool, width: Int?, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.isTerminal = isTerminal
        self.usesColor = usesColor
        self.width = width
        self.write = write
    }

    /// A stream of the process, unbuffered: what was written is seen even if the program is killed while it waits.
    package init(descriptor: Int32, environment: (String) -> String?) {
        let isTerminal = isatty(descriptor) == 1
        self.init(
            isTerminal: isTerminal, usesColor: Painter.isWanted(isTerminal: isTerminal, environment: environment),
            width: isTerminal ? Self.columns(descriptor, environment) : nil,
            write: { Self.writeAll($0, to: descriptor) })
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

    /// A stream that takes no more (a full disk, a closed pipe) loses the rest: there is nowhere to complain.
    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }
}
