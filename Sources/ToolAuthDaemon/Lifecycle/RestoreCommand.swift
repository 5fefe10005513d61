import ArgumentParser
import Glibc
import SQLiteStore
import Systemd
import ToolAuthCore

/// `toolauthd restore FILE`: puts a backup in the place of the store, while the daemon does not run.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the store.",
        discussion: """
            FILE is what toolauthctl backup wrote; - is standard input. It is looked through first: whether it is whole and \
            undamaged, of no newer version, and sealed with the keys that are here. The daemon must not run.

            A store that is there already and has grants is replaced with --force only, and kept beside the new one.

            The daemon then starts held: it serves tokens that are valid and refreshes none until toolauthctl resume, \
            because two daemons with the same grants would end each other's. Resume once the original is gone for good.
            """)

    @Argument(help: "The backup; - is standard input.", completion: .file())
    var file: String

    @Flag(help: "Replace a store that has grants, and keep it beside the new one.")
    var force = false

    @Option(help: ArgumentHelp("Read toolauthd.yaml here.", valueName: "dir"))
    var config: String?

    @Option(help: ArgumentHelp("The store and the master key are here.", valueName: "dir"))
    var stateDir: String?

    @ParentCommand var daemon: DaemonCommand

    func run() throws {
        guard !daemon.check, daemon.jsonSchema == nil else {
            throw ValidationError("restore goes with neither --check nor --json-schema")
        }
        let status = restore(
            DaemonOptions(
                configuration: config ?? daemon.config, state: stateDir ?? daemon.stateDir, catalogue: daemon.catalogue)
        )
        if status != 0 { throw ExitCode(status) }
    }

    private func restore(_ options: DaemonOptions) -> Int32 {
        let failure: DaemonFailure
        do {
            try ProcessHardening.forbidDumps()
            let settings = try DaemonSettings(options)
            settings.prepareStateDirectory()
            let report = try StoreRestore.run(
                file, into: settings.stateDirectory, keys: try settings.keySource(), overwriting: force,
                at: SystemWallClock().now)
            for line in Self.lines(report) { LineWriter(descriptor: 1).write(line + "\n") }
            return 0
        } catch let error as StoreError {
            failure = DaemonFailure(error)
        } catch let error as DaemonFailure {
            failure = error
        } catch {
            failure = DaemonFailure(.store, "\(error)")
        }
        LineWriter(descriptor: 2).write("Error: \(failure.detail)\n")
        return failure.code.rawValue
    }

    private static func lines(_ report: StoreRestore.Report) -> [String] {
        let age = report.lastWriteAt.map { ", last changed \($0)" } ?? ""
        var lines = ["Restored: \(report.database), \(StoreReport.count(report.grants))\(age)."]
        if let former = report.former { lines.append("The store that was there is now \(former).") }
        lines.append(
            "Start the daemon. It refreshes nothing until you say that the original is gone: toolauthctl resume")
        return lines
    }
}
