import Glibc
import Testing

@testable import ToolAuthCLI

@Suite("The screen of top")
struct TopTests {
    @Test(
        "has a line for each row, whatever there is to show",
        arguments: [
            (1, ["hint"]), (2, ["…", "hint"]), (3, ["a", "…", "hint"]), (4, ["a", "b", "c", "hint"]),
            (5, ["a", "b", "c", "", "hint"]),
        ])
    func page(height: Int, expected: [String]) {
        #expect(TopCommand.page(["a", "b", "c"], more: "…", hint: "hint", height: height) == expected)
    }
}

@Suite("A terminal that is taken whole", .timeLimit(.minutes(1)))
struct FullScreenTests {
    @Test("is given back for a stop, and taken and drawn anew when the program goes on")
    func stop() async {
        await #expect(processExitsWith: .success) {
            alarm(30)
            // Of a session without a shell, whose stop key stops nothing: it goes on at once.
            setsid()
            let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
            // TIOCSPTLCK and TIOCGPTPEER, which Swift does not see.
            var isLocked: Int32 = 0
            guard ioctl(terminal, 0x4004_5431, &isLocked) == 0 else { exit(1) }
            let other = ioctl(terminal, 0x5441, O_RDWR | O_NOCTTY)
            for descriptor in [STDIN_FILENO, STDOUT_FILENO] { dup2(other, descriptor) }
            let isEchoing = {
                var modes = termios()
                tcgetattr(other, &modes)
                return modes.c_lflag & tcflag_t(ECHO) != 0
            }
            let isWritten = { (text: String) in
                var bytes = [UInt8](repeating: 0, count: text.utf8.count)
                var got = 0
                while got < bytes.count {
                    let count = bytes.withUnsafeMutableBytes { read(terminal, $0.baseAddress?.advanced(by: got), 1) }
                    if count < 1 { return false }
                    got += count
                }
                return bytes.elementsEqual(text.utf8)
            }
            let console = Console(descriptor: STDOUT_FILENO, environment: { _ in nil })
            guard let screen = FullScreen(console, environment: { _ in "xterm" }) else { exit(2) }
            let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[2J"
            guard !isEchoing(), isWritten(enter) else { exit(3) }
            kill(getpid(), SIGTSTP)
            guard isWritten("\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l" + enter), !isEchoing() else { exit(4) }
            guard await screen.key(within: .seconds(50)) == .none else { exit(5) }
            // SIGSTOP cannot be seen coming; a shell sets its own modes meanwhile.
            var modes = termios()
            tcgetattr(other, &modes)
            modes.c_lflag |= tcflag_t(ECHO | ICANON)
            tcsetattr(other, TCSANOW, &modes)
            kill(getpid(), SIGCONT)
            guard isWritten(enter), !isEchoing() else { exit(6) }
            screen.close()
            guard isEchoing() else { exit(7) }
        }
    }
}
