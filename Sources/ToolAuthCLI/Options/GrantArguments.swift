import ArgumentParser

/// Whose grant, and at which tool.
struct GrantArguments: ParsableArguments {
    @Argument(help: "The tool.", completion: toolCompletion)
    var tool: String

    @Argument(help: "The user; else TOOLAUTH_USER, else the login name.", completion: userCompletion)
    var user: String?
}
