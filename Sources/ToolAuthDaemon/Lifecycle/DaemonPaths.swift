/// Where the daemon finds and puts things, when neither its arguments nor `toolauthd.yaml` say otherwise.
struct DaemonPaths: Equatable {
    /// Holds `toolauthd.yaml`, `providers.d` and `tools.d`.
    var configuration: String
    /// Holds the store and, without a credential, the master key.
    var state: String
    /// The API's socket; nil: no place is known, so it must be named.
    var socket: String?

    /// The system's places for root and for a unit, whose manager names them in `$STATE_DIRECTORY` and
    /// `$CONFIGURATION_DIRECTORY`; the user's own (XDG base directories) for everybody else.
    ///
    /// - Parameters:
    ///   - environment: the process's.
    ///   - userID: the effective one.
    static func standard(environment: [String: String], userID: UInt32) -> DaemonPaths {
        // A unit may have several directories, separated by colons; the first is ours.
        let unitState = environment["STATE_DIRECTORY"].flatMap { $0.split(separator: ":").first.map(String.init) }
        let unitConfiguration = environment["CONFIGURATION_DIRECTORY"]
            .flatMap { $0.split(separator: ":").first.map(String.init) }
        guard userID != 0, unitState == nil else {
            return DaemonPaths(
                configuration: unitConfiguration ?? "/etc/toolauthd", state: unitState ?? "/var/lib/toolauthd",
                socket: "/run/toolauthd/api.sock")
        }
        let home = environment["HOME"] ?? "/"
        func base(_ variable: String, _ fallback: String) -> String {
            guard let named = environment[variable], named.hasPrefix("/") else { return "\(home)/\(fallback)" }
            return named
        }
        return DaemonPaths(
            configuration: base("XDG_CONFIG_HOME", ".config") + "/toolauthd",
            state: base("XDG_STATE_HOME", ".local/state") + "/toolauthd",
            socket: environment["XDG_RUNTIME_DIR"].flatMap { $0.hasPrefix("/") ? "\($0)/toolauthd/api.sock" : nil })
    }
}
