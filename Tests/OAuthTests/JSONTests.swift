import OAuth
import Testing
import ToolAuthCore

private func parse(_ text: String) -> JSONValue? {
    JSONValue(parsing: Array(text.utf8))
}

private func number(_ text: String) -> JSONValue {
    JSONNumber(text).map(JSONValue.number) ?? .null
}

@Suite("JSON")
struct JSONTests {
    @Test(
        "every kind of value is read",
        arguments: [
            ("null", JSONValue.null), ("true", .bool(true)), (" false\n", .bool(false)), ("\"a\"", .string("a")),
            ("[]", .array([])), ("[1, \"x\",null]", .array([number("1"), .string("x"), .null])), ("{}", .object([:])),
            ("{\"a\":{\"b\" : [true]}}", .object(["a": .object(["b": .array([.bool(true)])])])),
            ("\u{feff}{}", .object([:])), ("\t\r\n {} ", .object([:])),
        ])
    func values(text: String, value: JSONValue) {
        #expect(parse(text) == value)
    }

    @Test(
        "strings are unescaped, and half a surrogate pair becomes U+FFFD",
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9\u20AC""#, "Aé€"),
            (#""\ud83d\ude00""#, "\u{1F600}"), (#""\ud83d""#, "\u{fffd}"), (#""\ude00x""#, "\u{fffd}x"),
            (#""\ud83dx""#, "\u{fffd}x"), (#""\ud83d\u0041""#, "\u{fffd}A"), (#""\ud83d\n""#, "\u{fffd}\n"),
            (#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1F600}"), (#""\u0000""#, "\u{0}"),
            ("\"é€\u{1F600}\"", "é€\u{1F600}"),
        ])
    func strings(text: String, value: String) {
        #expect(parse(text) == .string(value))
    }

    @Test(
        "numbers keep every digit as written",
        arguments: [
            "0", "-0", "12", "-7", "0.5", "1e5", "1E+5", "1.25e-3", "1735689600123", "9007199254740993",
            "123456789012345678901234567890",
        ])
    func numbers(text: String) {
        #expect(parse(text)?.text == text)
    }

    @Test(
        "what is not exactly one value is refused",
        arguments: [
            "", " ", "{", "}", "[", "[1", "[1,", "[1,]", "[,1]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}",
            "{'a':1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\n\"", "\"\u{0}\"", "tru", "True", "nul", "nullx", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x10",
            "NaN",
            "Infinity", "1 2", "{}{}", "{}x", "// c\n{}", "<html></html>", "-a", "1-2",
        ])
    func refused(text: String) {
        #expect(parse(text) == nil)
    }

    @Test("bytes that are not UTF-8 are refused inside strings and out")
    func notUTF8() {
        #expect(JSONValue(parsing: [0x22, 0xff, 0x22]) == nil)
        #expect(JSONValue(parsing: [0x22, 0xc3, 0x22]) == nil)
        #expect(JSONValue(parsing: [0xff]) == nil)
        #expect(JSONValue(parsing: [0xef, 0xbb, 0xbf]) == nil)
    }

    @Test("depth and length have limits")
    func limits() {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(parse(nested(JSONValue.maximumDepth + 1)) != nil)
        #expect(parse(nested(JSONValue.maximumDepth + 2)) == nil)
        #expect(parse(String(repeating: "[", count: 200_000)) == nil)
        let longest = "\"" + String(repeating: "a", count: JSONValue.maximumBytes - 2) + "\""
        #expect(parse(longest) != nil)
        #expect(parse(longest + " ") == nil)
    }

    @Test("of members with the same name the last one stands")
    func duplicates() {
        #expect(parse(#"{"a":1,"b":2,"a":3}"#)?[path: "a"]?.text == "3")
    }

    @Test(
        "a dotted path leads down, and a member named like the whole path goes first",
        arguments: [
            ("", nil), ("a", "1"), ("team.id", "T1"), ("team", nil), ("team.no", nil), ("no", nil), ("a.b", nil),
            ("x.y", "whole"), ("deep.er.still", "yes"), ("list.0", "z"), ("list.1", nil), ("list.-1", nil),
            ("list.x", nil), (".", nil), ("team.", nil), (".team", nil),
            ("flag", "true"), ("big", "1735689600123"), ("nothing", nil),
        ])
    func paths(path: String, text: String?) {
        let value = parse(
            #"""
            {"a":1,"team":{"id":"T1"},"x.y":"whole","x":{"y":"split"},"deep":{"er":{"still":"yes"}},"list":["z"],
             "flag":true,"big":1735689600123,"nothing":null}
            """#)
        #expect(value?[path: path]?.text == text)
    }

    @Test("the empty path is the value itself")
    func emptyPath() {
        #expect(parse("{}")?[path: ""] == .object([:]))
    }

    @Test(
        "a number scales without overflow",
        arguments: [
            ("3600", 1000, 3_600_000), ("3599.9", 1000, 3_599_900), ("-1.5", 1000, -1500), ("1e3", 1000, 1_000_000),
            ("0.0004", 1000, 0), ("9223372036854775807", 1000, Int64.max), ("-9223372036854775808", 1000, .min),
            ("1e400", 1000, .max), ("-1e400", 1000, .min), ("99999999999999999999", 1, .max), ("1e-400", 1000, 0),
        ] as [(String, Int64, Int64)])
    func scaling(text: String, factor: Int64, result: Int64) throws {
        #expect(try #require(JSONNumber(text)).scaled(by: factor) == result)
    }

    @Test("the writer escapes what JSON wants escaped, and the parser reads it back")
    func writer() {
        let text = "quote\" slash\\ line\n nul\u{0} esc\u{1b} é€"
        let written = JSONWriter.object([("a", Secret(text)), ("b\"", Secret(""))])
        let value = written.withUnsafeBytes { JSONValue(parsing: $0) }
        #expect(value == .object(["a": .string(text), "b\"": .string("")]))
        #expect(written.reveal().contains(#"\u0000"#))
        #expect(JSONWriter.object([]).reveal() == "{}")
    }
}
