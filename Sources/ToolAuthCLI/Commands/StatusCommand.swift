import ArgumentParser
import ToolAuthClient

struct StatusCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the daemon, its tools and their providers are.")

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws {
        session.show(try await session.client.answer(to: .status())) { status in
            let screen = StatusScreen(
                status: status, now: session.now, painter: session.painter, width: session.context.output.width)
            for line in screen.lines { session.line(line) }
        }
    }
}
