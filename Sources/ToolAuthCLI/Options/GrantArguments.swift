import ArgumentParser

/// Whose grant, and at which tool.
struct GrantArguments: ParsableArguments {
    @Argument(help: "The tool.")
    var tool: String

    @Argument(help: "The user; else TOOLAUTH_USER, else the login name.")
    var user: String?
}
