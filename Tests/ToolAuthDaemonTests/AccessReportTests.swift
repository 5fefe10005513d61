import Providers
import TestSupport
import Testing
import ToolAuthCore

@testable import ToolAuthDaemon

@Suite("What --check says of access")
struct AccessReportTests {
    private func clients(_ text: String) throws -> [ClientDocument]? {
        let directory = try TemporaryDirectory()
        try directory.write(text, to: "toolauthd.yaml")
        return try ConfigurationLoader.load(
            directory: directory.path, catalogue: nil, secretSource: NoSecrets()
        ).daemon.clients
    }

    @Test("without rules, the socket's group")
    func standard() {
        var socket = DaemonConfiguration.Socket()
        socket.group = "toolauth"
        #expect(
            ConfigurationCheck.access(nil, socket: socket) == [
                "Who may do what (no clients are configured):", "  root, and the daemon's own user: everything",
                "  members of the group toolauth: everything",
            ])
    }

    @Test("each rule in its order, with whom it is for and what he may")
    func rules() throws {
        let clients = try clients(
            """
            clients:
              - name: agents
                match: {unit: agents.service, user: root}
                allow: {actions: [token, read], tools: [mail, "google_*"], users: ["*"]}
              - name: rest
                match: {}
                allow: {actions: [], tools: [], users: []}
            """)
        #expect(
            ConfigurationCheck.access(clients, socket: DaemonConfiguration.Socket()) == [
                "Who may do what (the first rule that is for a client decides):",
                "  agents: processes in the unit agents.service and of the user root: token, read, for tools mail, google_* and all users",
                "  rest: everybody: nothing", "  root, and the daemon's own user: everything",
                "  everyone else: nothing",
            ])
    }
}

private struct NoSecrets: SecretSource {
    func credential(named name: String) throws(SecretFailure) -> Secret? { nil }
}
