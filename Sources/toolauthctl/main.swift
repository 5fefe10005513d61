import Glibc
import ToolAuthCLI

// Dispatch gives its threads nice values below zero, which only root may, and tells syslog of each refusal. Said before the
// first such thread exists; who sets the variable wants to hear it.
setenv("LIBDISPATCH_LOG", "NO", 0)
exit(await Program.run(Array(CommandLine.arguments.dropFirst()), in: .process()))
