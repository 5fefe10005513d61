import ArgumentParser
import Glibc

struct CheckCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration, as toolauthd --check does.",
        discussion: """
            Says what is wrong, with file, line, column and key, and who may do what. The daemon need not run, and is not \
            asked: what is checked is what it would read if it started now.
            """)

    @Option(help: ArgumentHelp("Read toolauthd.yaml, providers.d and tools.d here.", valueName: "dir"))
    var config: String?

    @Option(help: ArgumentHelp("Read the catalogue of providers here.", valueName: "dir"))
    var catalogue: String?

    @Option(help: ArgumentHelp("The daemon's state directory.", valueName: "dir"))
    var stateDir: String?

    @OptionGroup var common: CommonOptions

    func run(in session: Session) async throws {
        throw ChildProcess.become([Self.daemon] + arguments, setting: [:]).asCommandFailure
    }

    var arguments: [String] {
        let options = [("--config", config), ("--catalogue", catalogue), ("--state-dir", stateDir)]
        return ["--check"] + options.flatMap { name, value in value.map { [name, $0] } ?? [] }
    }

    /// The one installed with this program; else whichever is found.
    private static var daemon: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return "toolauthd" }
        let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let beside = "\(own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })/toolauthd"
        return access(beside, X_OK) == 0 ? beside : "toolauthd"
    }
}
