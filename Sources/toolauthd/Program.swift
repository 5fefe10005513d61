import ArgumentParser
import ToolAuthDaemon

@main
enum Program {
    static func main() async {
        await DaemonCommand.main()
    }
}
