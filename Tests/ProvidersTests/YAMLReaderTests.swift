import Testing

@testable import Providers

@Suite("Reading YAML")
struct YAMLReaderTests {
    private func read(_ text: String) throws -> YAMLValue? {
        try YAMLReader.read(Array(text.utf8), file: "f.yaml")
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        do throws(ConfigurationProblem) {
            _ = try YAMLReader.read(bytes, file: "f.yaml")
            return nil
        } catch {
            return error.description
        }
    }

    @Test("a scalar keeps its text and its place")
    func scalars() throws {
        let value = try #require(try read("a:\n  b: 0123\n  'é c': \"no\"\n"))
        let a = try #require(value.entry("a")?.value)
        #expect(a.entry("b")?.value.text == "0123")
        #expect(a.entry("b")?.value.position == SourcePosition(file: "f.yaml", line: 2, column: 6))
        #expect(a.entry("é c")?.keyPosition == SourcePosition(file: "f.yaml", line: 3, column: 3))
        #expect(a.entry("é c")?.value.position == SourcePosition(file: "f.yaml", line: 3, column: 10))
    }

    @Test(
        "null is nothing only where it is plain",
        arguments: [("a:", true), ("a: ~", true), ("a: null", true), ("a: 'null'", false), ("a: ''", false)])
    func nulls(text: String, isNull: Bool) throws {
        #expect(try read(text)?.entry("a")?.value.isNull == isNull)
    }

    @Test(
        "there is no document in a file without one",
        arguments: ["", "\n\n", "# only a comment\n", "---\n", "\u{feff}"])
    func empty(text: String) throws {
        #expect(try read(text) == nil)
    }

    @Test("a byte order mark does not move columns")
    func byteOrderMark() throws {
        #expect(try read("\u{feff}a: b")?.entry("a")?.keyPosition.column == 1)
    }

    @Test("a word behind * or & in text or in a comment is no alias")
    func asterisks() throws {
        let text = "# *a &b\na: https://x.example/*\nb: 'x *y &z'\nc: R&D\n"
        #expect(try read(text)?.entry("b")?.value.text == "x *y &z")
    }

    @Test(
        "what configuration does not need is refused, with its place",
        arguments: [
            ("a: &x 1\nb: *x\n", "f.yaml:1:4: a: anchors and aliases ('&', '*') are not supported; write the text out"),
            ("a: *x\n", "f.yaml:1:4: anchors and aliases ('&', '*') are not supported; write the text out"),
            ("a: !!str 1\n", "f.yaml:1:4: a: tags ('!') are not supported"),
            ("a: !x {b: 1}\n", "f.yaml:1:4: a: tags ('!') are not supported"),
            ("a: {<<: {b: 1}}\n", "f.yaml:1:5: a.<<: merge keys ('<<') are not supported; write the keys out"),
            ("? [a, b]\n: c\n", "f.yaml:1:3: a key is a name, not a list or a map"),
            ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document; a file holds one ('---' only at its top)"),
            ("a:\n  b: 1\n  c: 2\n  b: 3\n", "f.yaml:4:3: b: key 'b' is given twice, first in line 2"),
            ("x:\n  a: 1\n# a: 2\n  a: 3\n", "f.yaml:4:3: a: key 'a' is given twice, first in line 2"),
            ("x:\n  a: 1\ny:\n  a: 1\n  'a': 2\n", "f.yaml:5:3: a: key 'a' is given twice, first in line 4"),
            ("1: a\n\"1\": b\n", "f.yaml:2:1: 1: key '1' is given twice, first in line 1"),
            ("{a: 1, a: 2}\n", "f.yaml:1:2: a: key 'a' is given twice"),
            ("a:\n\tb: 1\n", "f.yaml:2:1: a tab where YAML wants spaces"),
            ("a: @b\n", "f.yaml:1:4: text that begins with '@' needs quotes"),
            (
                "a: [1, 2\n",
                "f.yaml:2:1: not YAML: did not find expected ',' or ']' while parsing a flow sequence that began in line 1"
            ),
            ("a: b: c\n", "f.yaml:1:5: not YAML: mapping values are not allowed in this context"),
            (
                "a: \"b\n",
                "f.yaml:2:1: not YAML: found unexpected end of stream while scanning a quoted scalar that began in line 1"
            ),
            ("a: b\u{7}\n", "f.yaml:1:5: not text: control characters are not allowed"),
        ])
    func refused(text: String, problem: String) {
        #expect(refusal(Array(text.utf8)) == problem)
    }

    @Test("two keys that only look alike are two keys")
    func canonicalEquivalence() throws {
        // 'é' in one scalar, and as 'e' with an accent.
        let value = try #require(try YAMLReader.read(Array("caf\u{e9}: 1\nx: 2\n".utf8), file: "f"))
        #expect(value.entry("cafe\u{301}") == nil)
        #expect(value.entry("caf\u{e9}") != nil)
    }

    @Test("bytes that are not UTF-8 are refused at their place")
    func notUTF8() {
        #expect(refusal(Array("a: 1\nb: é".utf8) + [0xff, 0x0a]) == "f.yaml:2:5: not UTF-8")
        #expect(refusal([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]) == "f.yaml:1:4: not UTF-8")
        #expect(refusal(Array("a: b".utf8) + [0]) == "f.yaml:1:5: a NUL byte, so this is not text")
    }

    @Test("nesting is bounded", arguments: [33, 100, 5000, 100_000])
    func nesting(depth: Int) throws {
        let problem = try #require(
            refusal(Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8))
        )
        #expect(problem.hasSuffix("nested more than 32 levels deep"))
        let blocks = try #require(refusal(Array((String(repeating: "- ", count: depth) + "a\n").utf8)))
        #expect(blocks.hasSuffix("nested more than 32 levels deep"))
    }

    @Test("32 levels are read")
    func deepest() {
        let text = String(repeating: "[", count: 31) + "a" + String(repeating: "]", count: 31)
        #expect(refusal(Array(text.utf8)) == nil)
    }

    @Test("a bomb of aliases is refused before it is expanded")
    func bomb() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            text += "a\(level): &a\(level) [" + (0..<8).map { _ in "*a\(level - 1)" }.joined(separator: ", ") + "]\n"
        }
        text += "? *a40\n: 1\n"
        let problem = try #require(refusal(Array(text.utf8)))
        #expect(problem.hasSuffix("anchors and aliases ('&', '*') are not supported; write the text out"))
    }
}
