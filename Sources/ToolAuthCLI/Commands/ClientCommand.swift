import ArgumentParser

/// A verb: asks the daemon, and shows the answer.
protocol ClientCommand: ParsableCommand {
    var common: CommonOptions { get }
    /// The tool and the user as typed, for what is said when it fails; nil where it names none.
    var namedTool: String? { get }
    var namesUser: Bool { get }
    var namedUser: String? { get }

    /// - Throws: ``ToolAuthClientError`` or ``CommandFailure``.
    func run(in session: Session) async throws
}

extension ClientCommand {
    var namedTool: String? { nil }
    var namesUser: Bool { false }
    var namedUser: String? { nil }

    func subject(_ context: CommandContext) -> Subject {
        Subject(tool: namedTool, user: namesUser ? context.user(namedUser) : nil, socket: common.socket)
    }
}

/// A verb about one grant.
protocol GrantCommand: ClientCommand {
    var grant: GrantArguments { get }
}

extension GrantCommand {
    var namedTool: String? { grant.tool }
    var namesUser: Bool { true }
    var namedUser: String? { grant.user }
}
