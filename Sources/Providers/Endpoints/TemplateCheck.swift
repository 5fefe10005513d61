import OAuth
import ToolAuthCore

/// Whether what templates name exists.
struct TemplateCheck: Sendable {
    let connection: [ConnectionParameter]
    /// Dotted paths and callback parameters kept as metadata.
    let metadata: [String]

    private static let ofRequests = ["client_id", "scope", "redirect_uri"]
    /// Of the format, but not of this version.
    private static let notSupported = ["uuid", "now"]

    /// The templates of a section's `parameters`.
    func parameters(of section: Section, isRefresh: Bool = false, _ log: inout ProblemLog) {
        for entry in section.entries("parameters") ?? [] {
            guard let text = entry.value.text, let template = try? Template(text) else { continue }
            let key = SchemaCheck.join(section.path("parameters"), entry.key)
            for variable in template.variables {
                let isMetadata = variable.hasPrefix("metadata.")
                if Self.ofRequests.contains(variable) || isConnection(variable) { continue }
                if isMetadata, isRefresh, metadata.contains(String(variable.dropFirst("metadata.".count))) { continue }
                log.error(at: entry.value, key: key, message(variable, known: Self.ofRequests, isRefresh: isRefresh))
            }
        }
    }

    /// The template of an endpoint: only connection values decide where tokens and secrets go.
    func endpoint(_ template: Located<Template>, _ log: inout ProblemLog) {
        for variable in template.value.variables where !isConnection(variable) {
            if Self.ofRequests.contains(variable) || variable.hasPrefix("metadata.") {
                log.error(at: template, "'${\(variable)}' in an endpoint is not supported by this version")
            } else {
                log.error(at: template, message(variable, known: [], isRefresh: false))
            }
        }
    }

    func parameter(_ variable: String) -> ConnectionParameter? {
        connection.first { bytesEqual("connection.\($0.name)", variable) }
    }

    private func isConnection(_ variable: String) -> Bool { parameter(variable) != nil }

    private func message(_ variable: String, known: [String], isRefresh: Bool) -> String {
        if Self.notSupported.contains(variable) { return "'${\(variable)}' is not supported by this version" }
        if variable.hasPrefix("metadata."), !isRefresh {
            return "'${\(variable)}' has a value only in 'refresh', when there is metadata"
        }
        var names = known + connection.map { "connection.\($0.name)" }
        if isRefresh { names += metadata.map { "metadata.\($0)" } }
        return "'${\(variable)}' names nothing that exists\(SchemaCheck.suggestion(variable, among: names))"
    }
}
