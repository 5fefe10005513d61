import Dispatch
import Glibc
import Synchronization

/// The whole terminal for as long as it is needed: another screen, no cursor, keys one at a time. Whatever ends the
/// program gives the terminal back as it was.
final class FullScreen {
    enum Key: Equatable {
        case character(UInt8)
        /// Nothing was typed in that time.
        case none
        /// The terminal is gone, or the program is told to stop.
        case end
    }

    // A line too long is cut, and does not push others off the screen.
    private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J"
    private static let leave = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"

    // Unsafe, because a signal handler can reach nothing but globals, and may take no lock. It is written once, before
    // `isEntered` lets the handler look at it, and only read from then on.
    nonisolated(unsafe) private static var former = termios()
    private static let isEntered = Atomic<Bool>(false)

    private let input: Int32
    private let console: Console

    /// - Returns: nil where there is no terminal to take, or it cannot move its cursor.
    init?(_ console: Console, input: Int32 = STDIN_FILENO, environment: (String) -> String?) {
        guard console.isTerminal, isatty(input) == 1, !["", "dumb"].contains(environment("TERM") ?? "") else {
            return nil
        }
        guard tcgetattr(input, &Self.former) == 0 else { return nil }
        self.input = input
        self.console = console
        var raw = Self.former
        // Interrupts come as signals still.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(input, TCSADRAIN, &raw)
        Self.isEntered.store(true, ordering: .releasing)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, Self.restoreAndDie) }
        console.write(Self.enter)
    }

    func close() {
        guard Self.isEntered.load(ordering: .relaxed) else { return }
        console.write(Self.leave)
        tcsetattr(input, TCSADRAIN, &Self.former)
        Self.isEntered.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, SIG_DFL) }
    }

    /// Shows lines from the top, and clears what is below; what does not fit is left out.
    func draw(_ lines: [String], height: Int) {
        var text = "\u{1b}[H"
        for (index, line) in lines.prefix(height).enumerated() {
            text += (index == 0 ? "" : "\r\n") + line + "\u{1b}[K"
        }
        console.write(text + "\u{1b}[J")
    }

    /// Columns and rows now: a window may have been resized.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Waits for a key, or for the window to be resized.
    func key(within duration: Duration) async -> Key {
        let input = input
        let milliseconds = Int32(clamping: duration.components.seconds * 1000)
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var entry = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
                // A resize interrupts it.
                guard poll(&entry, 1, milliseconds) > 0 else { return continuation.resume(returning: .none) }
                var byte: UInt8 = 0
                let count = read(input, &byte, 1)
                continuation.resume(returning: count == 1 ? .character(byte) : .end)
            }
        }
    }

    /// Only calls that a signal handler may make (signal-safety(7)).
    private static let restoreAndDie: @convention(c) (Int32) -> Void = { number in
        if isEntered.load(ordering: .acquiring) {
            let bytes: StaticString = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l"
            _ = write(STDOUT_FILENO, bytes.utf8Start, bytes.utf8CodeUnitCount)
            tcsetattr(STDIN_FILENO, TCSANOW, &former)
        }
        signal(number, SIG_DFL)
        raise(number)
    }
}
