import ToolAuthDaemon

/// toolauthd with one provider more, whose authentication is a type of its own.
///
///     swift run example-custom-tool --config Examples/CustomTool/config
@main
struct Main {
    static func main() async {
        // 4. Integrate the authentication class: under the name of the provider's document.
        await DaemonProgram.main(providers: [
            CustomProvider("acme") { context in AcmeAuthentication(context) }
        ])
    }
}
