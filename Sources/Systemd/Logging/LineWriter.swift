import Glibc
import ToolAuthCore

/// Writes whole lines to a descriptor, one after the other, whoever calls.
package final class LineWriter: Sendable {
    private let descriptor: Locked<CInt>

    /// - Parameter descriptor: stays the caller's to close, after the last line.
    package init(descriptor: CInt) {
        self.descriptor = Locked(descriptor)
    }

    /// Waits for a slow reader. A line that cannot be written is lost: there is nowhere left to say so.
    package func write(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            descriptor.withLock { descriptor in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let count = retryingInterrupts { Glibc.write(descriptor, rest.baseAddress, rest.count) }
                    if count > 0 {
                        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                    } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                        if retryingInterrupts({ poll(&wanted, 1, -1) }) < 0 { return }
                    } else {
                        return
                    }
                }
            }
        }
    }
}
