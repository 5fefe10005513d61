import SocketAPI

func providersTable(_ providers: [ProviderBody]) -> Table {
    var table = Table([.init("PROVIDER"), .init("TITLE", least: 12), .init("NOTE", least: 10)])
    for provider in providers {
        let needs = provider.connection.filter { $0.default == nil }.map(\.name).joined(separator: ", ")
        let note = provider.reason ?? (needs.isEmpty ? "" : "needs \(needs)")
        table.add(
            .init(provider.name, .bold), .init(provider.title),
            .init(note, provider.status == "broken" ? .red : .dim))
    }
    return table
}

/// A document for `tools.d/` with all that a tool needs for this provider, to be filled in.
func toolTemplate(_ provider: ProviderBody) -> String {
    let name = terminalSafe(provider.name)
    var lines = [
        "# yaml-language-server: $schema=/usr/share/toolauthd/schema/tools.schema.json",
        "# A tool of \(terminalSafe(provider.title)). Fill in, and restart the daemon or reload it.",
    ]
    if let documentation = provider.documentation { lines.append("# Documentation: \(terminalSafe(documentation))") }
    if let console = provider.console { lines.append("# Register a client at: \(terminalSafe(console))") }
    if let redirect = provider.redirectURI { lines.append("# Its redirect URI: \(terminalSafe(redirect))") }
    if let reason = provider.reason { lines.append("# The provider cannot be used yet: \(terminalSafe(reason))") }
    for note in provider.notes { lines += comment(note, "- ") }
    lines += ["\(name):", "  provider: \(name)", "  title: \(yamlText(provider.title))", ""]
    lines += ["  # The client as it is registered with the provider.", "  client_id: \"\""]
    if provider.takesSecret {
        lines += [
            "  # A systemd credential of the unit; or {file: \(name)-secret}, beside toolauthd.yaml, of the daemon's user alone.",
            "  client_secret: {credential: secrets_\(name)}",
        ]
    }
    lines += ["", provider.needsUser ? "  # What users are asked to consent to." : "  # What the client asks for."]
    if !provider.exampleScopes.isEmpty {
        lines.append("  # For example: [\(provider.exampleScopes.map(yamlText).joined(separator: ", "))]")
    }
    lines.append("  scopes: []")
    if provider.needsUser {
        lines += [
            "", "  # Where the provider sends users back to, byte for byte as registered.", "  redirect_uris:",
            "    - \(terminalSafe(provider.redirectURI ?? "http://127.0.0.1:8790/callback"))",
        ]
        if provider.redirectURI == nil {
            lines += comment(
                "This daemon takes no callbacks itself: an application's URL stands here, or toolauthd.yaml gets "
                    + "callback: {listen: \"127.0.0.1:8790\"}.", "  ")
        }
    }
    if !provider.connection.isEmpty { lines += ["", "  connection:"] + provider.connection.flatMap(connectionLines) }
    return lines.joined(separator: "\n")
}

private func connectionLines(_ parameter: ConnectionParameterBody) -> [String] {
    var lines: [String] = []
    if let description = parameter.description { lines.append("    # \(terminalSafe(description))") }
    if let hosts = parameter.hosts {
        lines += comment("one of: \(hosts.joined(separator: ", "))", "    ")
    } else if let pattern = parameter.pattern {
        lines.append("    # matches \(terminalSafe(pattern))")
    }
    let isOptional = parameter.default != nil
    let value = yamlText(parameter.default ?? "")
    lines.append("    \(isOptional ? "#" : "")\(terminalSafe(parameter.name)): \(value)")
    return lines
}

/// A sentence as a comment, folded at the words; `mark` stands before it, and as many spaces before what follows. Spaces
/// alone are the indentation.
private func comment(_ sentence: String, _ mark: String) -> [String] {
    let isIndentation = mark.allSatisfy { $0 == " " }
    let (first, next) =
        isIndentation
        ? ("\(mark)# ", "\(mark)# ") : ("# \(mark)", "# \(String(repeating: " ", count: mark.count))")
    var lines = [first]
    for word in terminalSafe(sentence).split(separator: " ") {
        let line = lines[lines.count - 1]
        if line.count + word.count > 110, line.count > next.count {
            lines[lines.count - 1] = String(line.dropLast())
            lines.append("\(next)\(word) ")
        } else {
            lines[lines.count - 1] = "\(line)\(word) "
        }
    }
    lines[lines.count - 1] = String(lines[lines.count - 1].dropLast())
    return lines
}

/// A text as YAML takes it for one: in double quotes, as JSON has it.
private func yamlText(_ text: String) -> String { JSONText.string(terminalSafe(text)) }
