import ArgumentParser
import SocketAPI
import ToolAuthClient

struct ProvidersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "providers", abstract: "List the providers of the catalogue, or show what a tool needs for one.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "List the providers.")

        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            session.show(try await session.client.answer(to: .providers())) { answer in
                if answer.providers.isEmpty { return session.note("The catalogue is empty.") }
                session.table(providersTable(answer.providers))
            }
        }
    }

    struct Show: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a file for tools.d/ that is ready to be filled in.",
            discussion: "  toolauthctl providers show google > /etc/toolauthd/tools.d/gmail.yaml")

        @Argument(help: "The provider.", completion: providerCompletion)
        var name: String

        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            session.show(try await session.client.answer(to: .provider(name))) { provider in
                session.line(toolTemplate(provider))
            }
        }
    }
}
