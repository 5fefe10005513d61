import ArgumentParser
import ToolAuthClient

struct RefreshCommand: GrantCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh", abstract: "Refresh a token now.")

    @OptionGroup var grant: GrantArguments

    @Option(
        help: ArgumentHelp(
            "Only if the token the provider refused, of this generation, is still the stored one.", valueName: "number")
    )
    var ifGeneration: Int64?

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws {
        let (toolID, userID) = try await session.grant(grant)
        session.show(try await session.client.answer(to: .refresh(toolID, userID, ifMatch: ifGeneration))) { record in
            session.line(summary(record, now: session.now, painter: session.painter))
        }
    }
}
