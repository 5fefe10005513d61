import ArgumentParser
import SocketAPI
import ToolAuthClient
import ToolAuthCore

struct AuthsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "auths", abstract: "List the stored grants, or show one.",
        subcommands: [List.self, Show.self], defaultSubcommand: List.self)

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "List the stored grants.")

        enum Status: String, CaseIterable, ExpressibleByArgument {
            case healthy, degraded
            case needsReauthorization = "needs_reauthorization"
        }

        @Option(help: "Only grants of this tool.")
        var tool: String?

        @Option(help: "Only grants of this user.")
        var user: String?

        @Option(help: "Only grants with this status.")
        var status: Status?

        @OptionGroup var common: CommonOptions

        var namedTool: String? { tool }

        func run(in session: Session) async throws {
            var toolID: ToolID?
            if let tool { toolID = try await session.tool(tool) }
            let filter = AuthsFilter(toolID, try user.map { try session.user($0) }, status?.rawValue)
            let pages = AuthPages(client: session.client, filter: filter)
            if session.json { try await printJSON(pages, session) } else { try await printTable(pages, session) }
        }

        private func printTable(_ pages: AuthPages, _ session: Session) async throws {
            var pages = pages
            var screen = AuthsScreen()
            while let page = try await pages.next() {
                for record in page.value.auths { screen.add(record, now: session.now) }
            }
            if screen.table.rows.isEmpty { session.note("No grants.") } else { session.table(screen.table) }
        }

        /// All pages as one, each printed as it comes.
        private func printJSON(_ pages: AuthPages, _ session: Session) async throws {
            var pages = pages
            let output = session.context.output
            var head: String? = output.isTerminal ? "{\n  \"auths\": [" : #"{"auths":["#
            var separator = ""
            while let page = try await pages.next() {
                var text = head ?? ""
                head = nil
                for element in JSONText.elements(of: "auths", in: page.json) {
                    text += separator
                    text +=
                        output.isTerminal
                        ? "\n    " + JSONText.pretty(element, depth: 2) : String(decoding: element, as: UTF8.self)
                    separator = ","
                }
                output.write(text)
            }
            // An empty list stays on its line.
            output.line(output.isTerminal ? (separator.isEmpty ? "]\n}" : "\n  ]\n}") : "]}")
        }
    }

    struct Show: GrantCommand {
        static let configuration = CommandConfiguration(abstract: "Show all that is known of one grant.")

        @OptionGroup var grant: GrantArguments
        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            let (toolID, userID) = try await session.grant(grant)
            session.show(try await session.client.answer(to: .record(toolID, userID))) { record in
                session.table(recordTable(record, now: session.now))
            }
        }
    }
}
