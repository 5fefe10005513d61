import Testing

@testable import APIServer

@Suite("Text of others in HTML")
struct HTMLTextTests {
    @Test(
        "is shown as itself, in elements and in attributes",
        arguments: [
            ("plain", "plain"), ("", ""), ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            (#"" onload="x"#, "&quot; onload=&quot;x"), ("'&", "&#39;&amp;"), ("&amp;&#60;", "&amp;amp;&amp;#60;"),
            ("</title><!--", "&lt;/title&gt;&lt;!--"), ("<\u{338}", "&lt;\u{338}"),
        ])
    func escaped(_ text: String, _ source: String) {
        let html: HTMLText = #"<p title="\#(text)">\#(text)</p>"#
        #expect(html.source == #"<p title="\#(source)">\#(source)</p>"#)
    }

    @Test("pieces of HTML are not escaped again")
    func pieces() {
        let pieces = ["a", "<b>"].map { text -> HTMLText in "<i>\(text)</i>" }
        let html: HTMLText = "<p>\(pieces)\(pieces[1])</p>"
        #expect(html.source == "<p><i>a</i><i>&lt;b&gt;</i><i>&lt;b&gt;</i></p>")
    }

    @Test(
        "what cannot be seen, or turns its surroundings around, is made visible",
        arguments: [
            ("a\u{0}b\u{1b}[31m\u{7f}\u{9b}", "a\u{fffd}b\u{fffd}[31m\u{fffd}\u{fffd}"),
            ("\u{202e}gpj.exe\u{202c}", "\u{fffd}gpj.exe\u{fffd}"), ("\u{2066}x\u{2069}", "\u{fffd}x\u{fffd}"),
            ("\u{200e}\u{200f}\u{61c}", "\u{fffd}\u{fffd}\u{fffd}"), ("pay\u{200b}pal\u{ad}", "pay\u{fffd}pal\u{fffd}"),
            ("\u{feff}\u{2060}\u{3164}\u{e0041}", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("\u{e000}\u{fffe}\u{10ffff}", "\u{fffd}\u{fffd}\u{fffd}"),
            ("a\nb\tc\r\nd\re\u{2028}f\u{85}", "a b c d e f "),
        ])
    func invisible(_ text: String, _ shown: String) {
        #expect(ShownText.of(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
    }

    @Test(
        "every script stays readable, from right to left and with joiners, and so do emoji",
        arguments: [
            "שָׁלוֹם", "مرحبا بالعالم", "علی\u{200c}رضا", "क\u{94d}\u{200d}ष", "สวัสดี", "jos\u{e9}", "jose\u{301}",
            "日本語", "한국어", "👩🏽‍❤️‍💋‍👨🏿", "🏳️‍🌈", "❤\u{fe0e}",
        ])
    func readable(_ text: String) {
        #expect(ShownText.of(text).unicodeScalars.elementsEqual(text.unicodeScalars))
    }

    @Test("no more of it than can be read is shown, and that there is more")
    func cut() {
        #expect(ShownText.of(String(repeating: "é", count: 300)) == String(repeating: "é", count: 300))
        #expect(ShownText.of(String(repeating: "é", count: 301)) == String(repeating: "é", count: 300) + "…")
        #expect(ShownText.of("abc", limit: 2) == "ab…")
        let html: HTMLText = "\(String(repeating: "<", count: 5000))"
        #expect(html.source == String(repeating: "&lt;", count: 300) + "…")
    }

    @Test("one character does not go on for ever")
    func tall() {
        let marks = "e" + String(repeating: "\u{301}", count: 10_000)
        #expect(ShownText.of(marks).unicodeScalars.count == 5)
        let joined = String(repeating: "👩\u{200d}", count: 10_000)
        #expect(ShownText.of(joined).unicodeScalars.count <= 16)
    }
}
