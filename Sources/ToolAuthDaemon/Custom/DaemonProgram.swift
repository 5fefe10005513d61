import ArgumentParser
import Glibc
import ToolAuthCore

/// The daemon as a program: what `toolauthd` is, and what a program with authentication types of its own is.
public enum DaemonProgram {
    private static let registered = Locked<[String: CustomProvider]>([:])

    /// Runs the daemon with the command line of `toolauthd` until it is told to stop, and ends the process.
    ///
    /// - Parameter providers: those whose authentication is a type of one's own. Of several with one name the last counts.
    public static func main(providers: [CustomProvider] = []) async {
        registered.withLock { $0 = Dictionary(providers.map { ($0.name, $0) }) { $1 } }
        // Dispatch gives its threads nice values below zero, which only root may, and tells syslog of each refusal. Said
        // before the first such thread exists; who sets the variable wants to hear it.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        // Else libcurl would write the keys of every TLS session to the file it names.
        unsetenv("SSLKEYLOGFILE")
        await DaemonCommand.main()
    }

    static var providers: [String: CustomProvider] { registered.withLock { $0 } }
}
