import ToolAuthCore

/// What the templates of a request can name.
struct TemplateValues {
    /// Separated as the place it is for separates scopes.
    var scope: String
    var clientID: String
    var redirectURI: String
    var connection: [String: String]
    var metadata: [String: String] = [:]

    func value(of variable: String) -> String? {
        switch variable {
        case "scope": return scope
        case "client_id": return clientID
        case "redirect_uri": return redirectURI
        default: break
        }
        if variable.hasPrefix("connection.") { return connection[String(variable.dropFirst("connection.".count))] }
        if variable.hasPrefix("metadata.") { return metadata[String(variable.dropFirst("metadata.".count))] }
        return nil
    }

    /// The parameters with their templates filled in, in the order of their names.
    ///
    /// - Throws: ``UnfilledTemplate`` where a template names something that has no value here.
    func expand(_ parameters: [String: Template]) throws(UnfilledTemplate) -> [(name: String, value: Secret)] {
        var result: [(name: String, value: Secret)] = []
        for (name, template) in parameters.sorted(by: { bytesPrecede($0.key, $1.key) }) {
            guard let value = template.expand({ self.value(of: $0) }) else {
                let missing = template.variables.first { self.value(of: $0) == nil } ?? ""
                throw UnfilledTemplate(parameter: name, variable: missing)
            }
            result.append((name, Secret(value)))
        }
        return result
    }
}

/// A template that names something without a value.
struct UnfilledTemplate: Error {
    let parameter: String
    let variable: String

    var detail: String { "the parameter '\(parameter)' needs ${\(variable)}, which has no value here" }
}
