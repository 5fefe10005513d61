import ArgumentParser
import FoundationEssentials
import SocketAPI
import ToolAuthClient

struct TokenCommand: GrantCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Print a valid access token.",
        discussion: """
            Nothing but the token goes to standard output:

              curl -H @<(toolauthctl token gmail --header) https://gmail.googleapis.com/gmail/v1/users/me/profile

            A program that reads the token from its environment is started with it:

              toolauthctl token github --env GH_TOKEN --exec gh repo list

            and a mail program that logs in by SASL XOAUTH2 is given the line it sends:

              toolauthctl token gmail --xoauth2 alice@gmail.com
            """)

    @OptionGroup var grant: GrantArguments

    @Flag(help: "Print the header line of an HTTP request.")
    var header = false

    @Option(
        help: ArgumentHelp(
            "Print an assignment of this variable, for eval; with --exec, the variable that holds the token.",
            valueName: "name"))
    var env: String?

    @Option(help: ArgumentHelp("Print the initial response of SASL XOAUTH2 for this address.", valueName: "address"))
    var xoauth2: String?

    @Option(
        parsing: .remaining,
        help: ArgumentHelp("Become this program, with the token in TOOLAUTH_TOKEN.", valueName: "program"))
    var exec: [String] = []

    @Option(help: ArgumentHelp("How long it must last at least; else 60 s.", valueName: "duration"))
    var minValidity: Seconds?

    @Option(help: ArgumentHelp("How long to wait for a refresh, at most 60 s; else 10 s.", valueName: "duration"))
    var wait: Seconds?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let forms = [
            (header, "--header"), (common.json, "--json"), (env != nil && exec.isEmpty, "--env"),
            (xoauth2 != nil, "--xoauth2"), (!exec.isEmpty, "--exec"),
        ].filter(\.0).map(\.1)
        if forms.count > 1 { throw ValidationError("\(forms[0]) and \(forms[1]) exclude each other") }
        if let env, !Self.isVariable(env) { throw ValidationError("--env takes the name of a variable, not '\(env)'") }
        if let xoauth2, xoauth2.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw ValidationError("--xoauth2 takes an address, which has no control characters")
        }
    }

    func run(in session: Session) async throws {
        let (toolID, userID) = try await session.grant(grant)
        let answer = try await session.client.answer(
            to: .token(toolID, userID, minValidity: minValidity?.duration, wait: wait?.duration))
        let text = TokenText(answer.value)
        if let warning = text.warning(session.context.errors.painter) { session.note(warning) }
        if session.json { return session.printJSON(answer.json) }
        let token = try text.plain()
        if !exec.isEmpty {
            throw ChildProcess.become(exec, setting: [env ?? "TOOLAUTH_TOKEN": token]).asCommandFailure
        }
        if let env { return session.line("\(env)=\(shellQuoted(token))") }
        if let xoauth2 { return session.line(Self.xoauth2(xoauth2, token)) }
        session.line(header ? try text.header() : token)
    }

    private static func isVariable(_ name: String) -> Bool {
        let isLetter = { (byte: UInt8) in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        return name.utf8.first.map(isLetter) ?? false
            && name.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// What a client sends first (Google and Microsoft document it alike for IMAP and SMTP).
    static func xoauth2(_ address: String, _ token: String) -> String {
        Data("user=\(address)\u{1}auth=Bearer \(token)\u{1}\u{1}".utf8).base64EncodedString()
    }
}
