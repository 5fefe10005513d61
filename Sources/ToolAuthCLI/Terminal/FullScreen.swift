import Dispatch
import Glibc
import Synchronization

/// The whole terminal for as long as it is needed: another screen, no cursor, keys one at a time. Whatever ends the
/// program gives the terminal back as it was; what stops it, for as long as it is stopped.
final class FullScreen {
    enum Key: Equatable {
        case character(UInt8)
        /// Nothing was typed in that time, or the screen is to be drawn anew.
        case none
        /// The terminal is gone, or the program is told to stop.
        case end
    }

    // A line too long is cut, and does not push others off the screen.
    private static var enter: StaticString { "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J" }
    private static var leave: StaticString { "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l" }

    // A signal handler can reach nothing but globals, and may take no lock. Each is written while no handler that looks at it is
    // in place, and only read from then on.
    /// How the terminal was.
    // Unsafe: written before `isEntered` is true, without which no handler looks.
    nonisolated(unsafe) private static var former = termios()
    /// How it is while the screen is taken.
    // Unsafe: written before `isEntered` is true, as `former` is.
    nonisolated(unsafe) private static var raw = termios()
    /// What a stop did before.
    // Unsafe: written before the handler of SIGTSTP, the only one that reads it, is in place.
    nonisolated(unsafe) private static var formerStop: sighandler_t? = SIG_DFL
    /// A pipe that has something in it once the program has gone on after a stop.
    // Unsafe: written before the handler of SIGCONT, the only one that reads it, is in place.
    nonisolated(unsafe) private static var resumptions: (reader: Int32, writer: Int32) = (-1, -1)
    private static let isEntered = Atomic<Bool>(false)

    private let input: Int32
    private let console: Console

    /// - Returns: nil where there is no terminal to take, or it cannot move its cursor.
    init?(_ console: Console, input: Int32 = STDIN_FILENO, environment: (String) -> String?) {
        guard console.isTerminal, isatty(input) == 1, !["", "dumb"].contains(environment("TERM") ?? "") else {
            return nil
        }
        var pipe: [Int32] = [-1, -1]
        guard tcgetattr(input, &Self.former) == 0, Glibc.pipe(&pipe) == 0 else { return nil }
        for end in pipe {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        self.input = input
        self.console = console
        Self.resumptions = (pipe[0], pipe[1])
        Self.raw = Self.former
        // Interrupts come as signals still.
        Self.raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(input, TCSADRAIN, &Self.raw)
        Self.isEntered.store(true, ordering: .releasing)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, Self.restoreAndDie) }
        Self.formerStop = signal(SIGTSTP, SIG_DFL)
        signal(SIGTSTP, Self.restoreAndStop)
        signal(SIGCONT, Self.takeAgain)
        console.write("\(Self.enter)")
    }

    func close() {
        guard Self.isEntered.load(ordering: .relaxed) else { return }
        console.write("\(Self.leave)")
        tcsetattr(input, TCSADRAIN, &Self.former)
        Self.isEntered.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCONT] { signal(number, SIG_DFL) }
        signal(SIGTSTP, Self.formerStop)
        Glibc.close(Self.resumptions.reader)
        Glibc.close(Self.resumptions.writer)
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

    /// Waits for a key, or for the program to go on after a stop.
    func key(within duration: Duration) async -> Key {
        let (input, resumed) = (input, Self.resumptions.reader)
        let milliseconds = Int32(clamping: duration.components.seconds * 1000)
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var entries = [input, resumed].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                guard poll(&entries, 2, milliseconds) > 0 else { return continuation.resume(returning: .none) }
                if entries[1].revents != 0 {
                    var bytes = [UInt8](repeating: 0, count: 64)
                    _ = read(resumed, &bytes, bytes.count)
                    return continuation.resume(returning: .none)
                }
                var byte: UInt8 = 0
                let count = read(input, &byte, 1)
                continuation.resume(returning: count == 1 ? .character(byte) : .end)
            }
        }
    }
}

// MARK: Signals

/// Only calls that a signal handler may make (signal-safety(7)).
extension FullScreen {
    private static let restoreAndDie: @convention(c) (Int32) -> Void = { number in
        restore()
        signal(number, SIG_DFL)
        raise(number)
    }

    private static let restoreAndStop: @convention(c) (Int32) -> Void = { number in
        let code = errno
        restore()
        // Who started the program may have it ignored, because nobody is there to let it go on.
        signal(number, formerStop)
        raise(number)
        // Till its handler ends the signal is held back, unless it is let through: here the program stops, and goes on.
        var numbers = sigset_t()
        sigemptyset(&numbers)
        sigaddset(&numbers, number)
        pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
        signal(number, restoreAndStop)
        take()
        errno = code
    }

    /// A shell has set modes of its own meanwhile, whatever stopped the program.
    private static let takeAgain: @convention(c) (Int32) -> Void = { _ in
        let code = errno
        take()
        errno = code
    }

    private static func restore() {
        guard isEntered.load(ordering: .acquiring) else { return }
        put(leave)
        tcsetattr(STDIN_FILENO, TCSANOW, &former)
    }

    private static func take() {
        guard isEntered.load(ordering: .acquiring) else { return }
        // In the background the program is stopped here, before it writes.
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
        put(enter)
        _ = write(resumptions.writer, "\n", 1)
    }

    private static func put(_ text: StaticString) {
        _ = write(STDOUT_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
