import Providers
import Systemd
import ToolAuthCore

/// `toolauthd --check`: reads the configuration as a start would, and says what came of it.
enum ConfigurationCheck {
    /// - Returns: the exit code: 0 if the daemon would start with it (tools that are unavailable are named), else 78.
    static func run(_ options: DaemonOptions) -> Int32 {
        let writer = LineWriter(descriptor: 1)
        do throws(DaemonFailure) {
            let settings = try DaemonSettings(options)
            for line in report(settings.loaded, directory: settings.configurationDirectory) {
                writer.write(line + "\n")
            }
            return 0
        } catch {
            writer.write("\(error.detail)\n\nThe daemon does not start with this configuration.\n")
            return error.code.rawValue
        }
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
