import OAuth
import Testing
import ToolAuthCore

@Suite("Foreign text")
struct PlainTextTests {
    @Test(
        "text is shown on one line without control and formatting characters",
        arguments: [
            ("plain", "plain"), ("  a b ", "a b"), ("a\r\nb", "a b"), ("a\nb\tc", "a b c"),
            ("\u{1b}[31mred", "[31mred"),
            ("a\u{0}b\u{7f}c\u{85}d", "a b c d"), ("a\u{202e}b\u{200b}c", "abc"), ("a\u{2028}b", "a b"), ("\u{1}", ""),
            ("héllo €", "héllo €"),
        ])
    func shown(text: String, result: String) {
        #expect(PlainText.shown(text) == result)
    }

    @Test("text is cut at 200 characters")
    func cut() {
        #expect(PlainText.shown(String(repeating: "x", count: 1000)) == String(repeating: "x", count: 200))
    }

    @Test(
        "text that repeats what was sent is withheld, in any encoding",
        arguments: [
            "1//0a+b/c=d-efgh_ijkl", "refresh token 1//0a+b/c=d-efgh_ijkl is unknown",
            "unknown: 1%2F%2F0a%2Bb%2Fc%3Dd-efgh_ijkl",
            "cut short: 1//0a+b/c=d-efgh", "from the middle: a+b/c=d-efgh_ijk", "a part: b/c=d-efgh_i",
            "in hex: 312f2f30612b622f633d642d656667685f696a6b6c",
            "in HEX: 0x312F2F30612B622F633D642D656667685F696A6B6C", "part in hex: 2b622f633d642d656667685f69",
            // The secret alone, after one byte and after two, in both alphabets, and credentials as Basic has them.
            "Base64: MS8vMGErYi9jPWQtZWZnaF9pamts", "Base64: eDEvLzBhK2IvYz1kLWVmZ2hfaWprbA==",
            "Base64: eHgxLy8wYStiL2M9ZC1lZmdoX2lqa2w=",
            "Basic Y2xpZW50OjElMkYlMkYwYSUyQmIlMkZjJTNEZC1lZmdoX2lqa2w=",
        ])
    func withheld(text: String) {
        #expect(PlainText.shown(text, withholding: [Secret("other"), Secret("1//0a+b/c=d-efgh_ijkl")]) == nil)
    }

    @Test(
        "a bare percent sign, an escape that is cut off and a second encoding do not hide an encoded secret",
        arguments: [
            "100% wrong: aB3%2FxY9%2Bq%3DZk%267m%25Lp%2Fw2%2BQs", "%zz aB3%2FxY9%2Bq%3DZk%267m%25Lp%2Fw2%2BQs",
            "cut: aB3%2FxY9%2Bq%3DZk%267m%25Lp%2Fw2%2", "cut: aB3%2FxY9%2Bq%3DZk%267m%25Lp%2Fw2%",
            "twice: aB3%252FxY9%252Bq%253DZk%25267m%2525Lp%252Fw2%252BQs",
        ])
    func withheldMalformed(text: String) {
        #expect(PlainText.shown(text, withholding: [Secret("aB3/xY9+q=Zk&7m%Lp/w2+Qs")]) == nil)
    }

    @Test("a form-encoded space does not hide a secret")
    func withheldForm() {
        #expect(PlainText.shown("x my+client+secret+phrase", withholding: [Secret("my client secret phrase")]) == nil)
    }

    @Test("a short secret is withheld whole, and a secret across the cut too")
    func edges() {
        #expect(PlainText.shown("the code 4711 is wrong", withholding: [Secret("4711")]) == nil)
        let secret = String(repeating: "s", count: 12) + String(repeating: "t", count: 12)
        let padded = String(repeating: "x ", count: 95) + secret
        #expect(PlainText.shown(padded, withholding: [Secret(secret)]) == nil)
    }

    @Test(
        "fewer than twelve bytes of a secret are no secret, in no encoding",
        arguments: [
            "0a+b/c=d-ef", "ends with d-efgh_ijkl", "in hex: 312f2f30612b622f633d64", "Base64: MS8vMGErYi9jPW",
            "Basic Y2xpZW50OjElMkYlM",
        ])
    func parts(text: String) {
        #expect(PlainText.shown(text, withholding: [Secret("1//0a+b/c=d-efgh_ijkl")]) == text)
    }

    @Test("a secret of a few characters is not looked for in other text's Base64")
    func short() {
        // Base64 of abc.
        #expect(PlainText.shown("see YWJj for 616263", withholding: [Secret("abc")]) == "see YWJj for 616263")
    }

    @Test("other text is shown, and an empty secret withholds nothing")
    func harmless() {
        #expect(
            PlainText.shown("token expired", withholding: [Secret("1//0a+b/c=d-efgh_ijkl"), Secret("")])
                == "token expired")
        #expect(PlainText.shown("\u{1}", withholding: []) == nil)
    }
}
