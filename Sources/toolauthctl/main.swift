import Glibc
import ToolAuthCLI

exit(await Program.run(Array(CommandLine.arguments.dropFirst()), in: .process()))
