import OAuth
import Testing

@Suite("A connection value")
struct ConnectionParameterTests {
    @Test(
        "is refused where it is none, too long, not listed, or does not match",
        arguments: [
            ("acme", nil), ("", "'' is no value for 'x'"), (".", "'.' is no value for 'x'"),
            ("..", "'..' is no value for 'x'"),
            (String(repeating: "a", count: 256), "the value for 'x' is longer than 255 bytes"),
            (String(repeating: "a", count: 255), nil),
        ] as [(String, String?)])
    func plain(value: String, problem: String?) {
        #expect(ConnectionParameter(name: "x").problem(with: value) == problem)
    }

    @Test(
        "matches its pattern whole, scalar by scalar",
        arguments: [
            ("[a-z]+", "acme", true), ("^[a-z]+$", "acme", true), ("[a-z]+", "acme1", false), ("a|b", "ab", false),
            ("[a-z]+", "acme\n", false), ("^[a-z]+$", "acme\nevil", false), (".", "e\u{301}", false),
            ("[a-z]+", "ａｃｍｅ", false), ("(?i)[a-z]+", "ACME", true),
        ])
    func pattern(pattern: String, value: String, matches: Bool) {
        #expect((ConnectionParameter(name: "x", pattern: pattern).problem(with: value) == nil) == matches)
    }

    @Test(
        "is a caller's to give, unless it alone decides the host and only a pattern bounds it",
        arguments: [(false, false, true), (false, true, true), (true, false, false), (true, true, true)])
    func callers(decidesHost: Bool, hasHosts: Bool, isOpen: Bool) {
        var parameter = ConnectionParameter(name: "x", pattern: ".*", hosts: hasHosts ? ["a.example"] : nil)
        parameter.decidesHost = decidesHost
        #expect(parameter.isOpenToCallers == isOpen)
    }
}
