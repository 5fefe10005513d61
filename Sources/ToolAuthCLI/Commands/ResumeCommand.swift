import ArgumentParser
import SocketAPI
import ToolAuthClient

struct ResumeCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "End the hold of a store from another machine or from a backup.",
        discussion: """
            toolauthd does not refresh from a store that was made on another machine or restored: were the original still \
            in use, each of the two would end the other's grants. Resume once nothing else uses it.

            A paused tool is resumed by toolauthctl tools resume.
            """)

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws {
        session.show(try await session.client.answer(to: .resume())) { status in
            if let held = status.held {
                session.line("Refreshing is held: \(terminalSafe(held))")
            } else {
                session.line("Refreshing goes on.")
            }
        }
    }
}
