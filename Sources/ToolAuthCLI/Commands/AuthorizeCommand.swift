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

    @Flag(help: "Open the URL in a browser.")
    var open = false

    @Flag(help: "Draw the URL for a telephone's camera.")
    var qr = false

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
            if qr { drawCode(of: flow.authURL, session) }
            if session.context.output.isTerminal && !wait {
                let expiry = relative(rfc3339: flow.expiresAt, to: session.now)
                session.note("It expires \(terminalSafe(expiry)).")
            }
        }
        if open { try openBrowser(flow.value.authURL, session) }
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

    /// Drawn by qrencode, which reads the URL from its standard input: the state in it is nobody's who looks at processes.
    private func drawCode(of url: String, _ session: Session) {
        let form = session.context.output.isTerminal ? "UTF8" : "ASCII"
        do throws(ChildProcess.Failure) {
            let status = try ChildProcess.run(
                ["qrencode", "-t", form, "-m", "2", "-l", "L"], input: Array(url.utf8), setting: [:])
            if status != 0 { session.note("qrencode ended with status \(status); open the URL itself.") }
        } catch {
            session.note("The code is drawn by qrencode, which is not installed: apt-get install qrencode")
        }
    }

    private func openBrowser(_ url: String, _ session: Session) throws {
        // A URL of the provider's, which must not be taken for an option of the browser's.
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw CommandFailure(.configuration, "the provider's URL is none that a browser opens")
        }
        let program = session.context.environment("BROWSER").flatMap { $0.isEmpty ? nil : $0 } ?? "xdg-open"
        do throws(ChildProcess.Failure) {
            let status = try ChildProcess.run([program, url], input: [], setting: [:])
            if status != 0 { session.note("\(program) ended with status \(status); open the URL yourself.") }
        } catch {
            session.note("No browser could be started (\(error.asCommandFailure.message)); open the URL yourself.")
        }
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
