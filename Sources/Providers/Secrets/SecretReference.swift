import ToolAuthCore

/// Where a tool document says that a client secret is.
struct SecretReference: Sendable {
    enum Place: Sendable {
        case credential(String)
        case file(String)
        case environment(String)
        case inline(Secret)
    }

    var place: Located<Place>

    /// Reads `client_secret`, which was held against its schema: one reference, or several while rotating.
    static func read(_ section: Section, _ log: inout ProblemLog) -> [SecretReference] {
        guard let value = section.value("client_secret") else { return [] }
        guard case .list(let elements) = value.content else {
            return reference(value, key: section.path("client_secret"), &log).map { [$0] } ?? []
        }
        return elements.enumerated().compactMap { index, element in
            reference(element, key: "\(section.path("client_secret"))[\(index)]", &log)
        }
    }

    private static func reference(_ value: YAMLValue, key: String, _ log: inout ProblemLog) -> SecretReference? {
        if let text = value.text {
            return SecretReference(place: Located(value: .inline(Secret(text)), position: value.position, key: key))
        }
        guard let entries = value.entries else { return nil }
        guard entries.count == 1, let entry = entries.first, let text = entry.value.text else {
            log.error(at: value, key: key, "takes one of 'credential' and 'file'")
            return nil
        }
        let place: Place
        switch entry.key {
        case "credential": place = .credential(text)
        case "file": place = .file(text)
        case "env": place = .environment(text)
        default: return nil
        }
        let position = entry.value.position
        return SecretReference(place: Located(value: place, position: position, key: SchemaCheck.join(key, entry.key)))
    }
}
