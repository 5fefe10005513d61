import ArgumentParser
import SocketAPI
import ToolAuthClient

struct TokenCommand: GrantCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Print a valid access token.",
        discussion: """
            Nothing but the token goes to standard output:

              curl -H @<(toolauthctl token gmail --header) https://gmail.googleapis.com/gmail/v1/users/me/profile
            """)

    @OptionGroup var grant: GrantArguments

    @Flag(help: "Print the header line of an HTTP request.")
    var header = false

    @Option(help: ArgumentHelp("How long it must last at least; else 60 s.", valueName: "duration"))
    var minValidity: Seconds?

    @Option(help: ArgumentHelp("How long to wait for a refresh, at most 60 s; else 10 s.", valueName: "duration"))
    var wait: Seconds?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if header && common.json { throw ValidationError("--header and --json exclude each other") }
    }

    func run(in session: Session) async throws {
        let (toolID, userID) = try await session.grant(grant)
        let answer = try await session.client.answer(
            to: .token(toolID, userID, minValidity: minValidity?.duration, wait: wait?.duration))
        if let warning = answer.value.warning {
            session.note(session.context.errors.painter("Warning:", .yellow) + " " + terminalSafe(warning.detail))
        }
        if session.json { return session.printJSON(answer.json) }
        session.line(header ? try headerLine(answer.value) : try printable(answer.value))
    }

    private func headerLine(_ token: TokenBody) throws -> String {
        // Providers write the type in any case (RFC 6749 §7.1); some resource servers insist on this one.
        let type = token.tokenType.lowercased() == "bearer" ? "Bearer" : token.tokenType
        let words = type.utf8.allSatisfy { (0x21...0x7e).contains($0) } && !type.isEmpty
        guard words else { throw CommandFailure(.unreachable, "the token's type does not fit into a header") }
        return "Authorization: \(type) \(try printable(token))"
    }

    /// The token, if it is what a token can be (RFC 6749 A.12): no line break that would add a header, nothing that a
    /// terminal obeys.
    private func printable(_ token: TokenBody) throws -> String {
        guard !token.accessToken.isEmpty, token.accessToken.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw CommandFailure(
                .unreachable, "the token has characters that no token has; --json prints it with them escaped")
        }
        return token.accessToken
    }
}
