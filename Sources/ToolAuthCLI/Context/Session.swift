import SocketAPI
import ToolAuthClient
import ToolAuthCore

/// One run of a command: the world, the daemon, and how to print.
struct Session: Sendable {
    let context: CommandContext
    let client: ToolAuthClient
    /// Whether the API's own JSON is printed instead of words.
    let json: Bool

    init(_ context: CommandContext, _ options: CommonOptions) {
        self.context = context
        client = ToolAuthClient.discover(socketPath: options.socket, environment: context.environment)
        json = options.json
    }

    var now: Timestamp { context.clock.now }
    var painter: Painter { context.output.painter }

    // MARK: Printing

    /// A line of the answer.
    func line(_ text: String) {
        context.output.line(text)
    }

    /// A line beside the answer, on standard error.
    func note(_ text: String) {
        context.errors.line(text)
    }

    func table(_ table: Table) {
        for line in table.lines(width: context.output.width, painter: painter) { context.output.line(line) }
    }

    /// An answer of the daemon: laid out on a terminal, byte for byte elsewhere.
    func printJSON(_ json: some Collection<UInt8>) {
        if context.output.isTerminal {
            context.output.line(JSONText.pretty(json))
        } else {
            context.output.write(Array(json) + [UInt8(ascii: "\n")])
        }
    }

    /// Prints `answer` as JSON if that was asked for, else what `words` make of it.
    func show<Value>(_ answer: Answer<Value>, _ words: (Value) -> Void) {
        if json { printJSON(answer.json) } else { words(answer.value) }
    }

    /// Replaces the line of progress on a terminal; nil takes it away.
    func showProgress(_ text: String?) {
        let errors = context.errors
        guard errors.isTerminal, errors.usesColor else { return }
        errors.write("\r\u{1b}[K" + (text.map { truncated($0, to: (errors.width ?? 80) - 1) } ?? ""))
    }

    /// Asks on the terminal; anything but a yes is a no.
    func confirm(_ question: String) -> Bool {
        context.errors.write("\(question) [y/N] ")
        return ["y", "yes"].contains(context.input.line(limit: 16).lowercased())
    }

    // MARK: Reading the command line

    /// - Throws: ``CommandFailure`` where the tool can have no such name, or the user.
    func grant(_ arguments: GrantArguments) async throws -> (toolID: ToolID, userID: UserID) {
        (try await tool(arguments.tool), try user(arguments.user))
    }

    /// A name no tool can have is an unknown tool like others: near names help as much.
    func tool(_ name: String) async throws -> ToolID {
        if let tool = ToolID(name) { return tool }
        throw CommandFailure(.unknown, FailureReport.unknownTool(name, await nearestTools(to: name)))
    }

    /// The user given, else `TOOLAUTH_USER`, else the login name.
    func user(_ given: String?) throws -> UserID {
        guard let name = context.user(given) else {
            throw CommandFailure(.usage, "whose? Name the user, or set TOOLAUTH_USER")
        }
        guard let user = UserID(name) else {
            throw CommandFailure(
                .usage, "\(name) is no user id: it is 1 to 255 bytes without control characters, not . or ..")
        }
        return user
    }

    /// Names near an unknown one; empty where the daemon does not tell them.
    func nearestTools(to name: String) async -> [String] {
        guard let tools = try? await client.tools() else { return [] }
        return nearestNames(to: name, among: tools.map(\.toolID))
    }
}

extension CommandContext {
    /// The user given, else `TOOLAUTH_USER`, else the login name.
    func user(_ given: String?) -> String? {
        if let given { return given }
        if let named = environment("TOOLAUTH_USER"), !named.isEmpty { return named }
        return loginName()
    }
}
