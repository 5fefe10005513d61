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

    /// The value at a dotted path such as `team.id`; the empty path is the value itself. A member whose name is the whole
    /// path goes first, so that names with dots in them can be reached.
    package subscript(path path: String) -> JSONValue? {
        if path.isEmpty { return self }
        guard case .object(let members) = self else { return nil }
        if let member = members[path] { return member }
        guard let dot = path.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let rest = String(path[path.utf8.index(after: dot)...])
        return rest.isEmpty ? nil : members[String(path[..<dot])]?[path: rest]
    }
}
