import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("Formatting")
struct FormatTests {
    @Test(
        "what a terminal would obey, or what hides or reorders text, is written out",
        arguments: [
            ("alice@example.com", "alice@example.com"), ("山田 é 🙂", "山田 é 🙂"), ("a\u{1b}[2J", "a\\x1b[2J"),
            ("a\r\nb\t", "a\\x0d\\x0ab\\x09"), ("\u{0}\u{7f}", "\\x00\\x7f"), ("\u{9b}31m", "\\x9b31m"),
            ("\u{202e}evil", "\\u{202e}evil"), ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
            ("\u{2028}", "\\u{2028}"),
            ("soft\u{ad}hyphen", "soft\\xadhyphen"), ("\u{e000}", "\\u{e000}"), ("", ""),
        ])
    func safety(_ text: String, _ safe: String) {
        #expect(terminalSafe(text) == safe)
    }

    @Test(
        "width counts columns, not characters",
        arguments: [
            ("abc", 3), ("é", 1), ("e\u{301}", 1), ("山田", 4), ("ﾊﾝ", 2), ("한", 2), ("🙂", 2), ("", 0),
        ])
    func width(_ text: String, _ columns: Int) {
        #expect(displayWidth(text) == columns)
    }

    @Test(
        "text is cut to columns, with an ellipsis",
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""), ("山田太郎", 5, "山田…"),
            ("山田太郎", 4, "山…"),
        ])
    func truncation(_ text: String, _ width: Int, _ expected: String) {
        #expect(truncated(text, to: width) == expected)
        #expect(displayWidth(truncated(text, to: width)) <= width)
    }

    @Test(
        "a duration is said in its largest unit, rounded down",
        arguments: [
            (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (172_799, "47 h"),
            (172_800, "2 d"),
            (-5, "0 s"),
        ])
    func durations(_ seconds: Int64, _ expected: String) {
        #expect(spoken(.seconds(seconds)) == expected)
    }

    @Test(
        "an instant is said from now",
        arguments: [
            (2_520_000, "in 42 min"), (-180_000, "3 min ago"), (0, "now"), (999, "now"), (-999, "now"),
            (1000, "in 1 s"),
            (-1000, "1 s ago"),
        ])
    func instants(_ milliseconds: Int64, _ expected: String) {
        #expect(relative(TestWorld.start + .milliseconds(milliseconds), to: TestWorld.start) == expected)
    }

    @Test("a time that is none is shown as it came")
    func notATime() {
        #expect(relative(rfc3339: "soon", to: TestWorld.start) == "soon")
    }

    @Test(
        "a word is quoted for a shell where it has to be",
        arguments: [
            ("alice@example.com", "alice@example.com"), ("alice:work", "alice:work"), ("", "''"), ("a b", "'a b'"),
            ("$(reboot)", "'$(reboot)'"), ("it's", #"'it'\''s'"#), ("é", "'é'"), ("a;b", "'a;b'"), ("~root", "'~root'"),
        ])
    func quoting(_ word: String, _ expected: String) {
        #expect(shellQuoted(word) == expected)
    }

    @Test(
        "painting needs a terminal that can, and nobody who minds",
        arguments: [
            (true, ["TERM": "xterm"], true), (false, ["TERM": "xterm"], false), (true, ["TERM": "dumb"], false),
            (true, [:], false), (true, ["TERM": "xterm", "NO_COLOR": "1"], false),
            (true, ["TERM": "xterm", "NO_COLOR": ""], true),
        ])
    func painting(_ isTerminal: Bool, _ environment: [String: String], _ expected: Bool) {
        #expect(Painter.isWanted(isTerminal: isTerminal) { environment[$0] } == expected)
    }

    @Test(
        "spans of time on the command line",
        arguments: [
            ("90", 90), ("90s", 90), ("10m", 600), ("12h", 43_200), ("7d", 604_800), ("0", 0), ("", nil), ("s", nil),
            ("-1", nil),
            ("1.5m", nil), ("10 m", nil), ("5x", nil), ("99999999999999999999", nil), ("٣", nil),
        ] as [(String, Int64?)])
    func spans(_ text: String, _ seconds: Int64?) {
        #expect(Seconds(argument: text)?.duration == seconds.map { .seconds($0) })
    }

    @Test(
        "pairs on the command line",
        arguments: [
            ("a=b", "a", "b"), ("a=", "a", ""), ("a=b=c", "a", "b=c"), ("=b", nil, nil), ("ab", nil, nil),
            ("", nil, nil),
        ] as [(String, String?, String?)])
    func pairs(_ text: String, _ name: String?, _ value: String?) {
        #expect(NamedValue(argument: text)?.name == name)
        #expect(NamedValue(argument: text)?.value == value)
    }

    @Test(
        "lines are broken between words",
        arguments: [
            ("a bc def", 4, ["a bc", "def"]), ("abcdefgh ij", 4, ["abcdefgh", "ij"]), ("ab", 2, ["ab"]), ("", 5, [""]),
            ("日本 語", 5, ["日本", "語"]),
        ] as [(String, Int, [String])])
    func wrapping(_ text: String, _ width: Int, _ lines: [String]) {
        #expect(wrapped(text, to: width) == lines)
        #expect(wrapped(text, to: nil) == [text])
    }
}
