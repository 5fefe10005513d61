import ArgumentParser
import SocketAPI
import ToolAuthClient
import ToolAuthCore

struct EventsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Print what happens, as it happens.",
        discussion: """
            With --exec, the command is run by the shell for each event, one after the other, with the event's data on \
            standard input and TOOLAUTH_EVENT, TOOLAUTH_EVENT_ID, TOOLAUTH_TOOL, TOOLAUTH_USER and TOOLAUTH_STATUS set:

              toolauthctl events -f --kind auth.reauthorization_required \\
                --exec 'mail -s "Please connect $TOOLAUTH_TOOL again" "$TOOLAUTH_USER"'

            Ends with the daemon; with --follow it waits for the next one, and goes on after the last event it saw.
            """)

    @Flag(name: [.short, .long], help: "Go on when the daemon restarts.")
    var follow = false

    @Option(help: "Events of this tool alone.", completion: toolCompletion)
    var tool: String?

    @Option(help: "Events of this user's grants alone.", completion: userCompletion)
    var user: String?

    @Option(help: "This kind of event, such as auth.degraded; may be repeated.", completion: .list(kinds))
    var kind: [String] = []

    @Option(help: ArgumentHelp("Begin after this event; its id is in the output of --json.", valueName: "id"))
    var after: String?

    @Option(
        help: ArgumentHelp("Run this for each event.", valueName: "command"), completion: .shellCommand("compgen -c"))
    var exec: String?

    @OptionGroup var common: CommonOptions

    /// What the daemon tells of; a later one may tell of more.
    static let kinds = [
        "auth.connected", "auth.refreshed", "auth.degraded", "auth.recovered", "auth.reauthorization_required",
        "auth.reauthorization_due", "auth.deleted", "auth.revocation_failed", "tool.paused", "tool.resumed",
        "configuration.reloaded", "reset",
    ]

    var namedTool: String? { tool }

    func run(in session: Session) async throws {
        let toolID: ToolID? = if let tool { try await session.tool(tool) } else { nil }
        let userID: UserID? = if let user { try session.user(user) } else { nil }
        var last = after
        while true {
            var events = session.client.events(toolID: toolID, userID: userID, after: last).makeAsyncIterator()
            do {
                while let event = try await events.next() {
                    // What was missed may be of any kind.
                    guard kind.isEmpty || kind.contains(event.kind) || event.kind == "reset" else { continue }
                    try tell(event, session)
                    // Nobody would see the others.
                    if session.context.output.failure() != nil { return }
                }
                guard follow else { return session.note("toolauthd has ended the stream.") }
            } catch let error as ToolAuthClientError {
                guard follow, error.mayPass else { throw error }
            }
            last = events.lastID
            try await session.context.sleep(.seconds(1))
        }
    }

    private func tell(_ event: EventBody, _ session: Session) throws {
        if let exec { return try run(exec, for: event, session) }
        if session.json {
            let (id, kind) = (JSONText.string(event.id), JSONText.string(event.kind))
            return session.printJSON(Array(#"{"id":\#(id),"event":\#(kind),"data":\#(event.data)}"#.utf8))
        }
        session.line(eventLine(event, now: session.now, painter: session.painter))
    }

    private func run(_ command: String, for event: EventBody, _ session: Session) throws {
        var variables = ["TOOLAUTH_EVENT": event.kind, "TOOLAUTH_EVENT_ID": event.id]
        variables["TOOLAUTH_TOOL"] = event.record?.toolID ?? event.tool?.toolID ?? ""
        variables["TOOLAUTH_USER"] = event.record?.userID ?? ""
        variables["TOOLAUTH_STATUS"] = event.record?.status ?? event.tool?.status ?? ""
        do throws(ChildProcess.Failure) {
            let status = try ChildProcess.run(
                ["/bin/sh", "-c", command], input: Array(event.data.utf8) + [UInt8(ascii: "\n")], setting: variables)
            // One that fails does not keep the others from being told.
            if status != 0 { session.note("\(event.kind) \(event.id): the command ended with status \(status)") }
        } catch {
            throw error.asCommandFailure
        }
    }
}
