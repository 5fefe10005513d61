import ArgumentParser
import SocketAPI
import ToolAuthClient
import ToolAuthCore

struct AuthorizeCommand: GrantCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorize", abstract: "Print the URL at which a user connects a tool.",
        discussion: """
            The user opens the URL and consents. Where the provider sends the browser to an address that nothing \
            listens at, give that address to toolauthctl callback.
            """)

    @OptionGroup var grant: GrantArguments

    @Option(help: "A scope to ask for, instead of all the tool's; may be repeated.")
    var scope: [String] = []

    @Option(help: ArgumentHelp("One of the tool's redirect URIs, instead of its first.", valueName: "uri"))
    var redirectURI: String?

    @Option(help: ArgumentHelp("Who signs in, as the provider knows them.", valueName: "hint"))
    var loginHint: String?

    @Option(help: "What the provider is to ask, such as consent or select_account.")
    var prompt: String?

    @Option(help: ArgumentHelp("Where the browser goes in the end.", valueName: "url"))
    var frontendRedirect: String?

    @Option(help: ArgumentHelp("A value of the provider's, such as a subdomain.", valueName: "name=value"))
    var connection: [NamedValue] = []

    @Option(help: ArgumentHelp("A further parameter the tool allows.", valueName: "name=value"))
    var param: [NamedValue] = []

    @Flag(help: "Wait until the user has consented or refused.")
    var wait = false

    @Option(help: ArgumentHelp("Wait at most so long; else until the URL expires.", valueName: "duration"))
    var timeout: Seconds?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if timeout != nil && !wait { throw ValidationError("--timeout goes with --wait") }
    }

    func run(in session: Session) async throws {
        let (toolID, userID) = try await session.grant(grant)
        let flow = try await session.client.answer(to: .authorize(toolID, userID, options))
        session.show(flow) { flow in
            if session.context.output.isTerminal {
                session.note("Open this, as \(terminalSafe(userID.rawValue)), to connect \(toolID):")
            }
            session.line(terminalSafe(flow.authURL))
            if session.context.output.isTerminal && !wait {
                let expiry = relative(rfc3339: flow.expiresAt, to: session.now)
                session.note("It expires \(terminalSafe(expiry)).")
            }
        }
        guard wait else { return }
        let waiting = AuthorizationWait(
            session: session, flow: flow.value, user: userID.rawValue, timeout: timeout?.duration)
        let outcome = try await waiting.outcome()
        session.show(outcome) { outcome in
            guard outcome.status == "connected" else { return }
            session.note("\(terminalSafe(outcome.userID)) has connected \(terminalSafe(outcome.toolID)).")
        }
        try check(outcome.value)
    }

    private var options: AuthorizeRequestBody {
        let scopes = scope.flatMap { $0.split(separator: " ").map(String.init) }
        return AuthorizeRequestBody(
            scopes: scopes.isEmpty ? nil : scopes, redirectURI: redirectURI, frontendRedirect: frontendRedirect,
            loginHint: loginHint, prompt: prompt, connection: NamedValue.dictionary(connection),
            extraParams: NamedValue.dictionary(param))
    }

    private func check(_ outcome: AuthorizationBody) throws {
        let what =
            switch outcome.status {
            case "connected": nil as String?
            case "denied": "\(outcome.userID) refused to connect \(outcome.toolID)"
            case "expired": "nobody consented before the URL expired"
            default: "connecting \(outcome.toolID) failed"
            }
        guard let what else { return }
        let why = outcome.error.map { " (\($0))" } ?? ""
        let again = Subject(tool: outcome.toolID, user: outcome.userID, socket: common.socket).authorizeCommand ?? ""
        throw CommandFailure(.reauthorizationRequired, "\(what)\(why); to try again: \(again)")
    }
}
