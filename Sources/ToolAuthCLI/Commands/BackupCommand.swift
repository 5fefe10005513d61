import ArgumentParser
import Glibc
import ToolAuthClient

struct BackupCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a copy of the store to a file.",
        discussion: """
            The copy is of one instant, made while the daemon goes on. The file appears when it is whole and on disk, \
            readable by you alone; with - for FILE it goes to standard output.

            What is sealed in the store is sealed in the copy, and the master key is not in it: back that up apart, and \
            keep the two apart. toolauthd restore FILE puts the copy in the place of a store.

              toolauthctl backup /mnt/backup/toolauthd.backup --force
            """)

    @Argument(help: "Where the copy goes; - is standard output.", completion: .file())
    var file: String

    @Flag(help: "Replace the file, if there is one.")
    var force = false

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws {
        do {
            if file == "-" { return try await writeOut(session) }
            if !force, access(file, F_OK) == 0 { throw NewFile.Failure.exists }
            let target = try NewFile(file)
            let size = try await copy(session) { bytes throws(NewFile.Failure) in try target.write(bytes) }
            try target.finish(overwriting: force)
            say(size, session)
        } catch let failure as NewFile.Failure {
            session.showProgress(nil)
            switch failure {
            case .exists: throw exists
            case .noFile:
                throw CommandFailure(
                    .usage,
                    "\(file) is no file, and is not replaced; to write to what it is: toolauthctl backup - >\(file)")
            case .system(let what, let number):
                throw CommandFailure(number == ENOSPC ? .transient : .usage, "\(what) (\(message(number)))")
            }
        }
    }

    private func writeOut(_ session: Session) async throws {
        guard !session.context.output.isTerminal else {
            throw CommandFailure(.usage, "a backup does not go to a terminal: name a file, or pipe it on")
        }
        // Not as text is written, which is lost where nobody reads on: half a backup is none.
        _ = try await copy(session) { bytes throws(NewFile.Failure) in
            try NewFile.write(bytes, to: STDOUT_FILENO, named: "standard output")
        }
    }

    private func copy(_ session: Session, _ write: ([UInt8]) throws -> Void) async throws -> Int {
        var lastShown = ContinuousClock.now
        var size = 0
        defer { session.showProgress(nil) }
        session.showProgress("The daemon makes the copy…")
        for try await part in session.client.backup() {
            try write(part.bytes)
            size = part.size
            guard ContinuousClock.now - lastShown > .milliseconds(200) else { continue }
            lastShown = .now
            session.showProgress("\(Self.mebibytes(part.received)) of \(Self.mebibytes(part.size)) MiB")
        }
        return size
    }

    private func say(_ size: Int, _ session: Session) {
        if session.json {
            session.printJSON(Array(#"{"size":\#(size)}"#.utf8))
        } else {
            session.line(
                "Backed up: \(terminalSafe(file)), \(Self.mebibytes(size)) MiB. The master key is not in it: back it up "
                    + "apart.")
        }
    }

    private static func mebibytes(_ bytes: Int) -> String {
        let tenths = (bytes * 10 + (1 << 20) - 1) >> 20
        return "\(tenths / 10).\(tenths % 10)"
    }

    private func message(_ number: Int32) -> String { String(cString: strerror(number)) }

    private var exists: CommandFailure {
        CommandFailure(.usage, "\(file) exists: name another file, or replace it with --force")
    }
}
