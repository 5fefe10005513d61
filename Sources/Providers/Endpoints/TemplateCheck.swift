import OAuth
import ToolAuthCore

/// Whether what templates name exists.
struct TemplateCheck: Sendable {
    let connection: [ConnectionParameter]
    /// Dotted paths and callback parameters that are kept as metadata sometime.
    let metadata: [String]

    static let ofRequests = ["client_id", "scope", "redirect_uri", "uuid", "now"]

    /// The templates of a section's `parameters`.
    ///
    /// - Parameter known: what `${metadata.NAME}` can name when the request is made.
    func parameters(of section: Section, metadata known: [String], _ log: inout ProblemLog) {
        for entry in section.entries("parameters") ?? [] {
            guard let text = entry.value.text, let template = try? Template(text) else { continue }
            let key = SchemaCheck.join(section.path("parameters"), entry.key)
            check(Located(value: template, position: entry.value.position, key: key), metadata: known, &log)
        }
    }

    /// The template of an endpoint.
    func endpoint(_ template: Located<Template>, metadata known: [String], _ log: inout ProblemLog) {
        check(template, metadata: known, &log)
    }

    private func check(_ template: Located<Template>, metadata known: [String], _ log: inout ProblemLog) {
        for variable in template.value.variables where !Self.ofRequests.contains(variable) {
            if variable.hasPrefix(OAuth2Configuration.connectionPrefix),
                connection.contains(where: { bytesEqual(OAuth2Configuration.connectionPrefix + $0.name, variable) })
            {
                continue
            }
            let isMetadata = variable.hasPrefix(OAuth2Configuration.metadataPrefix)
            let name = String(variable.dropFirst(OAuth2Configuration.metadataPrefix.count))
            if isMetadata, known.contains(name) { continue }
            log.error(at: template, message(variable, isEarly: isMetadata && metadata.contains(name), known))
        }
    }

    private func message(_ variable: String, isEarly: Bool, _ known: [String]) -> String {
        if isEarly { return "'${\(variable)}' has no value yet when this request is made" }
        let names =
            Self.ofRequests + connection.map { OAuth2Configuration.connectionPrefix + $0.name }
            + known.map { OAuth2Configuration.metadataPrefix + $0 }
        return "'${\(variable)}' names nothing that exists\(SchemaCheck.suggestion(variable, among: names))"
    }
}
