import ArgumentParser
import Glibc

/// Asks no daemon: becomes the program that is one.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration, as toolauthd --check does.",
        discussion: """
            Says what is wrong, with file, line, column and key, and who may do what. The daemon need not run, and is not \
            asked: what is checked is what it would read if it started now.
            """)

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("Options of toolauthd, such as --config, --catalogue and --state-dir.", valueName: "option"))
    var options: [String] = []

    func run() throws {
        let failure = ChildProcess.become([Self.daemon, "--check"] + options, setting: [:])
        throw failure.errno == ENOENT
            ? CommandFailure(.unknown, "there is no toolauthd, neither beside toolauthctl nor in PATH")
            : failure.asCommandFailure
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
