import Testing
import ToolAuthCore

@Suite("Ids")
struct IdentityTests {
    @Test(
        "a tool id is lower case letters, digits, - and _, up to 64 of them",
        arguments: ["a", "0", "gmail", "google_drive", "a-b_c9", String(repeating: "a", count: 64)])
    func toolIDs(text: String) {
        #expect(ToolID(text)?.rawValue == text)
    }

    @Test(
        "anything else is no tool id",
        arguments: ["", "-a", "_a", "A", "gmaiL", "a b", "a/b", "a.b", "é", "a\0", String(repeating: "a", count: 65)])
    func notToolIDs(text: String) {
        #expect(ToolID(text) == nil)
    }

    @Test(
        "a user id is any text of 1 to 255 bytes without control characters",
        arguments: [
            "alice", "alice:work", "alice@example.org", "a/b", "...", " ", "josé", "用户", "%2F", "🙂",
            String(repeating: "a", count: 255),
        ])
    func userIDs(text: String) {
        #expect(UserID(text)?.rawValue == text)
    }

    @Test(
        "empty, too long, dot names and control characters are no user id",
        arguments: [
            "", ".", "..", "a\0b", "a\nb", "\u{7f}", "\u{85}", String(repeating: "a", count: 256),
            String(repeating: "é", count: 128),
        ])
    func notUserIDs(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test("user ids that are canonically equivalent are two users")
    func canonicalEquivalence() throws {
        let composed = try #require(UserID("jos\u{e9}"))
        let decomposed = try #require(UserID("jose\u{301}"))
        #expect(composed.rawValue == decomposed.rawValue)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("user ids sort by their bytes, as the store does")
    func byteOrder() throws {
        let ids = try ["z", "jose\u{301}", "jos\u{e9}", "a", "Z"].map { try #require(UserID($0)) }
        #expect(ids.sorted().map(\.rawValue.utf8.count) == [1, 1, 6, 5, 1])
        #expect(ids.sorted().first?.rawValue == "Z")
    }

    @Test("keys sort by tool, then by user")
    func keys() throws {
        let alice = try #require(UserID("alice"))
        let bob = try #require(UserID("bob"))
        let mail = try #require(ToolID("mail"))
        let slack = try #require(ToolID("slack"))
        #expect(ToolAuthKey(mail, bob) < ToolAuthKey(slack, alice))
        #expect(ToolAuthKey(mail, alice) < ToolAuthKey(mail, bob))
    }

    @Test("records of one client at one endpoint are limited together")
    func endpoints() {
        let first = EndpointID(tokenEndpoint: "https://a.test/token", clientID: "one")
        #expect(first == EndpointID(tokenEndpoint: "https://a.test/token", clientID: "one"))
        #expect(first != EndpointID(tokenEndpoint: "https://a.test/token", clientID: "two"))
        #expect(EndpointID(rawValue: first.rawValue) == first)
    }

    @Test(
        "the nearest names are what a person probably meant",
        arguments: [
            ("gmial", ["gmail"]), ("gmai", ["gmail"]), ("slcak", ["slack"]), ("goo", ["google_drive"]),
            ("githbu", ["github"]), ("nothing_like_it", []), ("", []), ("g", []),
            (String(repeating: "g", count: 10_000), []),
        ])
    func nearest(unknown: String, names: [String]) {
        #expect(nearestNames(to: unknown, among: ["gmail", "google_drive", "slack", "github"]) == names)
    }
}
