import ArgumentParser
import ToolAuthClient
import ToolAuthCore

struct DeleteCommand: GrantCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Forget a grant, and have it revoked at the provider.")

    @OptionGroup var grant: GrantArguments

    @Flag(help: "Leave the grant alive at the provider.")
    var keepGrant = false

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws {
        let (toolID, userID) = try await session.grant(grant)
        let user = terminalSafe(userID.rawValue)
        if !yes {
            guard session.context.input.isTerminal else {
                throw CommandFailure(.usage, "there is no terminal to ask on: give --yes to delete without asking")
            }
            let revocation = keepGrant ? "" : " and revoke it at the provider"
            guard session.confirm("Forget the grant of \(user) at \(toolID)\(revocation)?") else {
                return session.note("Nothing was deleted.")
            }
        }
        _ = try await session.client.answer(to: .delete(toolID, userID, revoke: !keepGrant, .none))
        if session.json { return }
        session.line("The grant of \(user) at \(toolID) is gone." + (keepGrant ? "" : " Its revocation is under way."))
    }
}
