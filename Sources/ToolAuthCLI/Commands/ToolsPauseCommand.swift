import ArgumentParser
import ToolAuthClient

extension ToolsCommand {
    struct Pause: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Stop the refreshes of a tool; valid tokens are handed out on.")

        @Argument(help: "The tool.")
        var tool: String

        @OptionGroup var common: CommonOptions

        var namedTool: String? { tool }

        func run(in session: Session) async throws {
            let toolID = try await session.tool(tool)
            session.show(try await session.client.answer(to: .pauseTool(toolID))) { tool in
                session.line(summary(tool, painter: session.painter))
            }
        }
    }

    struct Resume: ClientCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a paused tool go on, whoever paused it.")

        @Argument(help: "The tool.")
        var tool: String

        @Flag(help: "Send its tokens to the endpoint it has now, though they came from another origin.")
        var acceptEndpoint = false

        @OptionGroup var common: CommonOptions

        var namedTool: String? { tool }

        func run(in session: Session) async throws {
            let toolID = try await session.tool(tool)
            let call = try APICall.resumeTool(toolID, acceptingEndpoint: acceptEndpoint)
            session.show(try await session.client.answer(to: call)) { tool in
                session.line(summary(tool, painter: session.painter))
            }
        }
    }
}
