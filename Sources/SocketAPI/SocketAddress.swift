/// Where the daemon listens when nothing else is said.
public enum SocketAddress {
    /// The system daemon's socket.
    public static let system = "/run/toolauthd/api.sock"

    /// The user daemon's socket under `$XDG_RUNTIME_DIR`.
    public static func user(runtimeDirectory: String) -> String { "\(runtimeDirectory)/toolauthd/api.sock" }

    /// The environment variable that names another.
    public static let environmentVariable = "TOOLAUTH_SOCKET"
}
