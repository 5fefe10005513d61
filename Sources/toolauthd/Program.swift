import ArgumentParser
import Glibc
import ToolAuthDaemon

@main
enum Program {
    static func main() async {
        // Dispatch gives its threads nice values below zero, which only root may, and tells syslog of each refusal. Said
        // before the first such thread exists; who sets the variable wants to hear it.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        // Else libcurl would write the keys of every TLS session to the file it names.
        unsetenv("SSLKEYLOGFILE")
        await DaemonCommand.main()
    }
}
