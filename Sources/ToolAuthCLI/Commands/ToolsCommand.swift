import ArgumentParser
import SocketAPI
import ToolAuthClient
import ToolAuthCore

struct ToolsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tools", abstract: "List the tools, show or try one, or stop one and let it go on.",
        subcommands: [List.self, Show.self, Test.self, Pause.self, Resume.self], defaultSubcommand: List.self)

    struct List: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tools; with USER, which of them he must connect.")

        @Argument(help: "The user.")
        var user: String?

        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            let user = try user.map { try session.user($0) }
            session.show(try await session.client.answer(to: .tools(userID: user))) { answer in
                if answer.tools.isEmpty {
                    session.note("No tools are configured, or none you may see: each is a file in tools.d/.")
                } else {
                    session.table(toolsTable(answer.tools, user: user?.rawValue))
                }
            }
        }
    }

    struct Show: GrantCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one tool, and whether USER must connect it.")

        @OptionGroup var grant: GrantArguments
        @OptionGroup var common: CommonOptions

        func run(in session: Session) async throws {
            let (toolID, userID) = try await session.grant(grant)
            let answer = try await session.client.answer(to: .tools(userID: userID))
            guard let index = answer.value.tools.firstIndex(where: { $0.toolID == toolID.rawValue }) else {
                let names = nearestNames(to: toolID.rawValue, among: answer.value.tools.map(\.toolID))
                throw CommandFailure(.unknown, FailureReport.unknownTool(toolID.rawValue, names))
            }
            if session.json {
                let elements = JSONText.elements(of: "tools", in: answer.json)
                return session.printJSON(index < elements.count ? elements[index] : [])
            }
            let counts = try await counts(session).first { $0.toolID == toolID.rawValue }
            session.table(toolTable(answer.value.tools[index], user: userID.rawValue, status: counts))
        }

        /// The grants of each tool; none where this caller may not see the status.
        private func counts(_ session: Session) async throws(ToolAuthClientError) -> [ToolStatusBody] {
            do {
                return try await session.client.status().tools
            } catch .problem(let problem) where problem.code == "forbidden" {
                return []
            }
        }
    }
}
