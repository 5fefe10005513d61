import Testing
import ToolAuthCore

@testable import ToolAuthCLI

@Suite("The call that scripts make in loops")
struct QuickTokenTests {
    struct Call: Sendable {
        var tool = "gmail"
        var user = "alice"
        var printsHeader = false
        var socket: String?
    }

    @Test(
        "a tool, perhaps a user, --header and --socket, in any order",
        arguments: [
            (["token", "gmail"], Call()),
            (["token", "gmail", "bob"], Call(user: "bob")),
            (["token", "gmail", "a b/c"], Call(user: "a b/c")),
            (["token", "gmail", "--header"], Call(printsHeader: true)),
            (["token", "--header", "gmail", "bob"], Call(user: "bob", printsHeader: true)),
            (["token", "gmail", "--socket", "/s"], Call(socket: "/s")),
            (["token", "--socket", "relative", "gmail"], Call(socket: "relative")),
            (
                ["token", "--socket", "/s", "gmail", "--header", "bob"],
                Call(user: "bob", printsHeader: true, socket: "/s")
            ),
            // A value may look like a verb or a tool.
            (["token", "token", "--socket", "gmail"], Call(tool: "token", socket: "gmail")),
        ])
    func taken(arguments: [String], call: Call) throws {
        let quick = try #require(QuickToken(arguments, in: TestWorld().context))
        #expect(quick.toolID.rawValue == call.tool)
        #expect(quick.userID.rawValue == call.user)
        #expect(quick.printsHeader == call.printsHeader)
        #expect(quick.socketPath == call.socket)
    }

    @Test(
        "whatever else is asked is the ordinary way's",
        arguments: [
            [], [""], ["token"], ["token", ""], ["tokens", "gmail"], ["--header", "token", "gmail"],
            ["status"], ["help", "token"], ["refresh", "gmail"],
            // Too many words, and words that are no ids.
            ["token", "gmail", "bob", "more"], ["token", "GMAIL"], ["token", "gmail", ""], ["token", "gmail", ".."],
            ["token", "gmail", "a\u{1b}"],
            // Options that it does not know, or not in this form.
            ["token", "gmail", "--json"], ["token", "gmail", "-h"], ["token", "gmail", "--help"],
            ["token", "gmail", "--wait", "0"], ["token", "gmail", "--exec", "gh"], ["token", "gmail", "--env", "X"],
            ["token", "gmail", "--xoauth2", "a@b"], ["token", "gmail", "--socket=/s"], ["token", "gmail", "--head"],
            ["token", "--", "gmail"], ["token", "gmail", "-"],
            // Options twice, and an option without what it takes.
            ["token", "gmail", "--header", "--header"], ["token", "gmail", "--socket", "/s", "--socket", "/s"],
            ["token", "gmail", "--socket"], ["token", "gmail", "--socket", ""], ["token", "gmail", "--socket", "-s"],
            ["token", "gmail", "--socket", "--header"],
        ])
    func left(arguments: [String]) {
        #expect(QuickToken(arguments, in: TestWorld().context) == nil)
    }

    @Test(
        "the user is TOOLAUTH_USER, else who logged in, else for the ordinary way to ask after",
        arguments: [
            ("bob", "alice", "bob"), ("", "alice", "alice"), (nil, "alice", "alice"), (nil, nil, nil), ("", nil, nil),
            ("..", "alice", nil), (nil, ".", nil),
        ] as [(String?, String?, String?)])
    func user(variable: String?, login: String?, user: String?) {
        let environment = variable.map { ["TOOLAUTH_USER": $0] } ?? [:]
        let world = TestWorld(environment: environment, loginName: login)
        #expect(QuickToken(["token", "gmail"], in: world.context)?.userID.rawValue == user)
        #expect(QuickToken(["token", "gmail", "bob"], in: world.context)?.userID.rawValue == "bob")
    }
}
