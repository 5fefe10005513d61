/// A JSON document as read from a provider.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    /// Of members with the same name the last one stands, as in nearly every parser a provider tests with. To refuse the
    /// reply would lose the tokens in it.
    case object([String: JSONValue])

    /// The text of a scalar, a number as it was written; nil for null, arrays and objects.
    package var text: String? {
        switch self {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// The string; nil for any other kind.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var isObject: Bool {
        if case .object = self { true } else { false }
    }

    /// The value at a dotted path such as `team.id` or `data.0.id`, elements of an array counting from 0; the empty path is
    /// the value itself. A member whose name is the whole path goes first, so that names with dots in them can be reached.
    package subscript(path path: String) -> JSONValue? {
        if path.isEmpty { return self }
        if let member = self[name: path] { return member }
        guard let dot = path.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let rest = String(path[path.utf8.index(after: dot)...])
        return rest.isEmpty ? nil : self[name: String(path[..<dot])]?[path: rest]
    }

    private subscript(name name: String) -> JSONValue? {
        switch self {
        case .object(let members): members[name]
        case .array(let elements): Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        default: nil
        }
    }
}
