import ArgumentParser
import SocketAPI
import ToolAuthClient

struct ReloadCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Have the daemon read its configuration again.",
        discussion: """
            Takes tools, providers, client secrets in files, rules and the log level, without dropping a request. Where \
            toolauthd.yaml is bad, or a file in use has become bad, nothing changes and the command fails.

            systemctl reload toolauthd does the same.
            """)

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws {
        session.show(try await session.client.answer(to: .reload())) { report in
            for line in reloadLines(report) { session.line(line) }
        }
    }
}
