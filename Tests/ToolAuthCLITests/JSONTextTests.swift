import Testing

@testable import ToolAuthCLI

@Suite("JSON as text")
struct JSONTextTests {
    @Test(
        "JSON is laid out without a change to what it says",
        arguments: [
            ("{}", "{}"), ("[ ]", "[]"), ("1", "1"), (#"{"a":1}"#, "{\n  \"a\": 1\n}"),
            (
                #"{"z":1.50,"a":[1,{"b":[]}]}"#,
                "{\n  \"z\": 1.50,\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ]\n}"
            ),
            (#"{"a":"{[,:\"]} \\"}"#, "{\n  \"a\": \"{[,:\\\"]} \\\\\"\n}"),
        ])
    func pretty(_ json: String, _ expected: String) {
        #expect(JSONText.pretty(json.utf8) == expected)
    }

    @Test(
        "what a terminal would obey is escaped as JSON does it",
        arguments: [
            ("\"\u{9b}\u{7f}\"", #""\u009b\u007f""#), ("\"\u{202e}\"", #""\u202e""#),
            ("\"\u{e0001}\"", #""\udb40\udc01""#),
            ("\"é山\"", "\"é山\""),
        ])
    func safety(_ json: String, _ expected: String) {
        #expect(JSONText.pretty(json.utf8) == expected)
    }

    @Test(
        "the elements of a list come out as they stand",
        arguments: [
            (#"{"auths":[]}"#, []), (#"{"auths":[ ]}"#, []), (#"{}"#, []), (#"{"auths":[1,2]}"#, ["1", "2"]),
            (#"{"auths":[{"a":[1,2]},{"b":"],[\""}],"next_cursor":"x,y"}"#, [#"{"a":[1,2]}"#, #"{"b":"],[\""}"#]),
            (#"{"other":[9],"auths":[1]}"#, ["1"]), (#"{"x":{"auths":[9]},"auths":[1]}"#, ["1"]),
            (#"{"auths":{"auths":[9]}}"#, []), (#"{"auths":[1],"other":[2]}"#, ["1"]),
        ])
    func elements(_ json: String, _ expected: [String]) {
        let elements = JSONText.elements(of: "auths", in: Array(json.utf8))
        #expect(elements.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
