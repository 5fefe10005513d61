import ArgumentParser

/// What every verb takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket.",
            discussion: "Else TOOLAUTH_SOCKET, else the user's own if there is one, else /run/toolauthd/api.sock.",
            valueName: "path"),
        completion: .file())
    var socket: String?

    @Flag(help: "Print the API's own JSON.")
    var json = false
}
