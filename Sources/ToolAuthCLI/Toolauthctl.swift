import ArgumentParser
import ToolAuthCore

/// The program's verbs.
struct Toolauthctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "toolauthctl",
        abstract: "Connect tools, and get tokens that are always fresh, from toolauthd.",
        discussion: """
            USER defaults to TOOLAUTH_USER, else to the login name.

            Exit status: 0 done; 64 wrong usage; 66 unknown tool or record; 69 daemon unreachable; 74 output or \
            input failed; 75 try again later; 77 forbidden; 78 wrong configuration; 80 the user must authorize (again).
            """,
        version: "toolauthctl \(ToolAuthVersion.current)",
        subcommands: [
            StatusCommand.self, ToolsCommand.self, AuthsCommand.self, AuthorizeCommand.self, CallbackCommand.self,
            TokenCommand.self, RefreshCommand.self, DeleteCommand.self, ImportCommand.self, EventsCommand.self,
            TopCommand.self, ProvidersCommand.self, ReloadCommand.self, ResumeCommand.self, KeysCommand.self,
            BackupCommand.self, CheckCommand.self,
        ])
}
