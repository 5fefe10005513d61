import Testing
import ToolAuthCore

@Suite("Patterns of access rules")
struct ByteGlobTests {
    @Test(
        "match whole ids, byte by byte",
        arguments: [
            ("gmail", "gmail", true), ("gmail", "gmail2", false), ("gmail", "Gmail", false), ("", "", true),
            ("*", "", true), ("*", "anything/at all", true), ("**", "x", true), ("?", "x", true), ("?", "", false),
            ("?", "xy", false), ("google_*", "google_drive", true), ("google_*", "google_", true),
            ("google_*", "google", false), ("*:work", "alice:work", true), ("*:work", "alice:works", false),
            ("a*b*c", "aXbYc", true), ("a*b*c", "abcbc", true), ("a*b*c", "acb", false), ("*a*a*", "aa", true),
            ("*a*a*", "a", false), ("a?c*", "abcd", true), ("*?", "", false), ("*?", "z", true),
            // A pattern does not know of letters, only of bytes: é is two.
            ("jos?", "jos\u{e9}", false), ("jos??", "jos\u{e9}", true), ("jos\u{e9}", "jose\u{301}", false),
            ("=alice", "alice", true), ("=*", "*", true), ("=*", "alice", false), ("=a?b", "a?b", true),
            ("=a?b", "axb", false), ("==", "=", true), ("a=b", "a=b", true), ("=", "", true),
        ] as [(String, String, Bool)])
    func matches(_ pattern: String, _ text: String, _ isMatch: Bool) {
        #expect(ByteGlob(pattern).matches(text) == isMatch)
    }

    @Test("are quick where they could be slow: a hundred stars, and an id that almost fits")
    func hostile() {
        let pattern = ByteGlob(String(repeating: "a*", count: 100) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 255)))
    }

    @Test("know what they can match at all")
    func shape() {
        #expect(ByteGlob("alice").literal == "alice")
        #expect(ByteGlob("=a*").literal == "a*")
        #expect(ByteGlob("a*").literal == nil)
        #expect(ByteGlob("*").matchesAll)
        #expect(ByteGlob("***").matchesAll)
        #expect(!ByteGlob("=*").matchesAll)
        #expect(!ByteGlob("?*").matchesAll)
        #expect(ByteGlob("jos\u{e9}") != ByteGlob("jose\u{301}"))
    }

    private func key(_ tool: String, _ user: String) throws -> ToolAuthKey {
        ToolAuthKey(try #require(ToolID(tool)), try #require(UserID(user)))
    }

    @Test("a scope covers a grant if a pattern fits its tool and one its user")
    func scope() throws {
        let scope = AccessScope(tools: [ByteGlob("gmail"), ByteGlob("google_*")], users: [ByteGlob("alice*")])
        #expect(try scope.covers(key("gmail", "alice")))
        #expect(try scope.covers(key("google_drive", "alice:work")))
        #expect(try !scope.covers(key("github", "alice")))
        #expect(try !scope.covers(key("gmail", "bob")))
        #expect(!scope.coversAllTools && !scope.coversAllUsers)
        #expect(scope.onlyUser == nil)
        #expect(try AccessScope.all.covers(key("x", "y")))
        #expect(AccessScope.all.coversAllTools && AccessScope.all.coversAllUsers)
        let one = AccessScope(tools: [ByteGlob("=gmail")], users: [ByteGlob("alice")])
        #expect(one.onlyTool == ToolID("gmail"))
        #expect(one.onlyUser == UserID("alice"))
        let nothing = AccessScope(tools: [], users: [ByteGlob("*")])
        #expect(try !nothing.covers(key("gmail", "alice")))
    }
}
