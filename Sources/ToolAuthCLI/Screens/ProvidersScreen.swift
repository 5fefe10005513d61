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
    var lines = ["# A tool of \(terminalSafe(provider.title)). Fill in, and restart the daemon or reload it."]
    if let documentation = provider.documentation { lines.append("# \(terminalSafe(documentation))") }
    if let reason = provider.reason { lines.append("# The provider cannot be used yet: \(terminalSafe(reason))") }
    lines += [
        "\(name):", "  provider: \(name)", "  title: \(yamlText(provider.title))", "",
        "  # The client as it is registered with the provider.", "  client_id: \"\"",
        "  # A systemd credential of the unit; or {file: secrets/\(name)}, which only the daemon can read.",
        "  client_secret: {credential: \(name)-client-secret}", "", "  # What users are asked to consent to.",
        "  scopes: []", "", "  # Where the provider sends users back to, byte for byte as registered.",
        "  redirect_uris:", "    - http://127.0.0.1:8790/callback",
    ]
    if !provider.connection.isEmpty {
        lines += ["", "  connection:"]
        for parameter in provider.connection {
            if let description = parameter.description { lines.append("    # \(terminalSafe(description))") }
            if let hosts = parameter.hosts {
                lines.append("    # one of: \(terminalSafe(hosts.joined(separator: ", ")))")
            } else if let pattern = parameter.pattern {
                lines.append("    # matches \(terminalSafe(pattern))")
            }
            let isOptional = parameter.default != nil
            let value = yamlText(parameter.default ?? "")
            lines.append("    \(isOptional ? "#" : "")\(terminalSafe(parameter.name)): \(value)")
        }
    }
    return lines.joined(separator: "\n")
}

/// A text as YAML takes it for one: in double quotes, as JSON has it.
private func yamlText(_ text: String) -> String { JSONText.string(terminalSafe(text)) }
