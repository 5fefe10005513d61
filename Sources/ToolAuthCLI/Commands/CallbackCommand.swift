import ArgumentParser
import SocketAPI
import ToolAuthClient
import ToolAuthCore

struct CallbackCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "callback", abstract: "Complete an authorization with the URL the browser was sent to.",
        discussion: """
            The URL holds a code that other users of this machine can read from a command line; with - it is read from \
            standard input instead.
            """)

    @Argument(help: "The whole URL, or - to read it from standard input.")
    var url: String

    @Option(help: ArgumentHelp("Refuse unless it is this user's authorization.", valueName: "user"))
    var expectUser: String?

    @Option(help: ArgumentHelp("Refuse unless it is an authorization of this tool.", valueName: "tool"))
    var expectTool: String?

    @OptionGroup var common: CommonOptions

    var namedTool: String? { expectTool }

    func run(in session: Session) async throws {
        let user = try expectUser.map { try session.user($0) }
        let body = CallbackRequestBody(
            url: try wholeURL(session), expectedUserID: user?.rawValue, expectedToolID: expectTool)
        session.show(try await session.client.answer(to: .callback(body))) { done in
            session.line(summary(done.record, now: session.now, painter: session.painter))
            if let redirect = done.redirectTo { session.line("The browser goes on to \(terminalSafe(redirect))") }
        }
    }

    private func wholeURL(_ session: Session) throws -> String {
        guard url == "-" else { return url }
        if session.context.input.isTerminal { session.context.errors.write("The URL the browser was sent to: ") }
        let line = session.context.input.line()
        if line.isEmpty { throw CommandFailure(.usage, "there is no URL on standard input") }
        return line
    }
}
