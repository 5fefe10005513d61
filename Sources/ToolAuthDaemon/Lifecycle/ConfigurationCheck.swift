import APIServer
import Providers
import Systemd
import ToolAuthCore

/// `toolauthd --check`: reads configuration and store as a start would, and says what came of it. Changes nothing, and does
/// not mind a daemon that runs.
enum ConfigurationCheck {
    /// - Returns: the exit code: 0 if the daemon would start (tools that are unavailable are named), 78 for the configuration
    ///   or a key, 74 for the store.
    static func run(_ options: DaemonOptions) -> Int32 {
        let writer = LineWriter(descriptor: 1)
        do throws(ProcessHardening.Failure) { try ProcessHardening.forbidDumps() } catch {
            writer.write("\(error)\n")
            return DaemonFailure.Code.store.rawValue
        }
        do throws(DaemonFailure) {
            let settings = try DaemonSettings(options)
            // As at a start: a rule for a user or a group that this machine does not have ends it.
            _ = try AccessRules(settings.configuration.clients, socketGID: nil)
            var lines = report(settings.loaded, directory: settings.configurationDirectory)
            lines += [""] + access(settings.configuration.clients, socket: settings.configuration.socket)
            for line in lines { writer.write(line + "\n") }
            return StoreReport.write(settings, to: writer)
        } catch {
            writer.write("\(error.detail)\n\nThe daemon does not start with this configuration.\n")
            return error.code.rawValue
        }
    }

    /// Who may do what, a line for each rule in its order.
    static func access(_ clients: [ClientDocument]?, socket: DaemonConfiguration.Socket) -> [String] {
        let builtIn = "root, and the daemon's own user: everything"
        guard let clients else {
            let group = socket.group.map { "members of the group \($0)" } ?? "members of the socket's group"
            return ["Who may do what (no clients are configured):", "  \(builtIn)", "  \(group): everything"]
        }
        let rules = clients.map { client in
            let actions = client.actions.map(\.rawValue).joined(separator: ", ")
            let tools = list(client.tools, all: "all tools", none: "no tool", one: "tools")
            let users = list(client.users, all: "all users", none: "no user", one: "users")
            let what = actions.isEmpty ? "nothing" : "\(actions), for \(tools) and \(users)"
            return "  \(client.name): \(whom(client)): \(what)"
        }
        return ["Who may do what (the first rule that is for a client decides):"] + rules
            + ["  \(builtIn)", "  everyone else: nothing"]
    }

    private static func whom(_ client: ClientDocument) -> String {
        var parts: [String] = []
        if let unit = client.unit { parts.append("in the unit \(unit)") }
        if let user = client.user { parts.append("of the user \(user)") }
        if let uid = client.uid { parts.append("of the uid \(uid)") }
        if let group = client.group { parts.append("in the group \(group)") }
        return parts.isEmpty ? "everybody" : "processes \(parts.joined(separator: " and "))"
    }

    private static func list(_ globs: [ByteGlob], all: String, none: String, one: String) -> String {
        if globs.isEmpty { return none }
        if globs.contains(where: \.matchesAll) { return all }
        return "\(one) \(globs.map(\.pattern).joined(separator: ", "))"
    }

    static func report(_ loaded: LoadedConfiguration, directory: String) -> [String] {
        var lines = loaded.problems.map { "\($0.severity.rawValue): \($0.description)" }
        if !lines.isEmpty { lines.append("") }
        for tool in loaded.tools { lines.append("\(tool.id): available (\(tool.provider))") }
        for tool in loaded.unavailable {
            lines.append("\(tool.toolID?.rawValue ?? "a tool without a valid name"): unavailable")
        }
        if loaded.tools.isEmpty, loaded.unavailable.isEmpty {
            lines.append("No tools are configured; put a file for each into \(directory)/tools.d.")
        }
        return lines
    }
}
