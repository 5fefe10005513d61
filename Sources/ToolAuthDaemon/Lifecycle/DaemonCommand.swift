public import ArgumentParser
import Glibc
import Providers
import Systemd
import ToolAuthCore

/// The command line of `toolauthd`.
public struct DaemonCommand: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "toolauthd",
        abstract: "Keep OAuth access tokens fresh for the tools and agents of this machine.",
        discussion: """
            Serves a Unix socket at which applications connect users to tools and read access tokens that are always \
            valid. `toolauthctl` is its client for people.
            """,
        version: ToolAuthVersion.current, subcommands: [RestoreCommand.self])

    @Option(help: ArgumentHelp("Read toolauthd.yaml, providers.d and tools.d here.", valueName: "dir"))
    var config: String?

    @Option(help: ArgumentHelp("Keep the store and the master key here.", valueName: "dir"))
    var stateDir: String?

    @Option(help: ArgumentHelp("Listen here, where the service manager passes no socket.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Read the catalogue of providers here.", valueName: "dir"))
    var catalogue: String?

    @Flag(help: "Check configuration and store, say what is wrong with them, and exit; changes nothing.")
    var check = false

    @Option(
        help: ArgumentHelp(
            "Print the JSON Schema of toolauthd.yaml, tools.d or providers.d (toolauthd, tools, providers), and exit.",
            valueName: "file"))
    var jsonSchema: String?

    public init() {}

    public func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        if let jsonSchema { return try printSchema(jsonSchema) }
        let options = DaemonOptions(
            configuration: config, state: stateDir, socket: socket, catalogue: catalogue)
        let status = check ? ConfigurationCheck.run(options) : await Daemon.run(options)
        if status != 0 { throw ExitCode(status) }
    }
}

extension DaemonCommand {
    private func printSchema(_ name: String) throws {
        guard let file = JSONSchema.File(rawValue: name) else {
            let known = JSONSchema.File.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no schema '\(name)'; there are \(known).")
        }
        LineWriter(descriptor: 1).write(JSONSchema.text(file))
    }
}

/// What the command line says.
struct DaemonOptions: Sendable {
    var configuration: String?
    var state: String?
    var socket: String?
    var catalogue: String?
}
