import ArgumentParser
import SocketAPI
import ToolAuthClient

extension ToolsCommand {
    struct Test: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try a tool's endpoint, TLS and client, without a user.",
            discussion: """
                One refresh is sent with a token that was never issued: a provider that refuses the token has accepted \
                the client.
                """)

        @Argument(help: "The tool.", completion: toolCompletion)
        var tool: String

        @OptionGroup var common: CommonOptions

        var namedTool: String? { tool }

        func run(in session: Session) async throws {
            let answer = try await session.client.answer(to: .testTool(try await session.tool(tool)))
            session.show(answer) { test in
                session.line(mark("endpoint and TLS", test.reachable, session))
                session.line(mark("client", test.clientAccepted, session))
                session.line(terminalSafe(test.detail))
            }
            guard answer.value.reachable else { throw CommandFailure(.transient, "\(tool) cannot be reached") }
            if answer.value.clientAccepted == false {
                throw CommandFailure(.configuration, "the provider of \(tool) does not accept client_id and secret")
            }
        }

        private func mark(_ what: String, _ isFine: Bool?, _ session: Session) -> String {
            let (word, style): (String, Style) =
                switch isFine {
                case true?: ("ok", .green)
                case false?: ("failed", .red)
                case nil: ("not known", .yellow)
                }
            return "\(what): \(session.painter(word, style))"
        }
    }
}
