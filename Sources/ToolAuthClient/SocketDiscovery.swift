import Glibc
import SocketAPI

extension ToolAuthClient {
    /// A client of the daemon this process is meant to use: the socket at `socketPath`, else the one
    /// `TOOLAUTH_SOCKET` names, else the user's own (`$XDG_RUNTIME_DIR/toolauthd/api.sock`) if there is one, else the
    /// system's (`/run/toolauthd/api.sock`).
    ///
    /// - Parameter environment: looks a variable up; the process's own unless given.
    public static func discover(
        socketPath: String? = nil, timeout: Duration = .seconds(30),
        environment: ((_ name: String) -> String?)? = nil
    ) -> ToolAuthClient {
        let environment = environment ?? { name in getenv(name).map { String(cString: $0) } }
        let path = discoveredPath(explicit: socketPath, environment: environment) { access($0, F_OK) == 0 }
        return ToolAuthClient(socketPath: path, timeout: timeout)
    }

    /// The rule of ``discover(socketPath:timeout:environment:)``. Empty variables count as unset, and so does a runtime
    /// directory that is not absolute, as the XDG Base Directory Specification has it.
    static func discoveredPath(
        explicit: String?, environment: (String) -> String?, exists: (String) -> Bool
    ) -> String {
        if let explicit { return explicit }
        if let named = environment(SocketAddress.environmentVariable), !named.isEmpty { return named }
        if let directory = environment("XDG_RUNTIME_DIR"), directory.hasPrefix("/") {
            let path = SocketAddress.user(runtimeDirectory: directory)
            if exists(path) { return path }
        }
        return SocketAddress.system
    }
}
