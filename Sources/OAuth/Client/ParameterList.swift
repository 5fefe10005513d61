import ToolAuthCore

/// The parameters of one request, in order, each name once, none without a value (RFC 6749 §3.1, §3.2).
struct ParameterList {
    private(set) var pairs: [(name: String, value: Secret)] = []
    private let rename: [String: String?]

    /// - Parameter rename: standard name → this server's; nil leaves it out.
    init(rename: [String: String?]) {
        self.rename = rename
    }

    /// Adds a parameter of the specification under the name this server has for it.
    mutating func addStandard(_ name: String, _ value: Secret?) {
        guard let value, let serverName = rename[name] ?? name else { return }
        add(serverName, value)
    }

    mutating func addStandard(_ name: String, _ value: String?) {
        addStandard(name, value.map { Secret($0) })
    }

    /// Adds a parameter unless its value is empty or its name is taken: what was added first stands, so the
    /// specification's own parameters cannot be replaced.
    mutating func add(_ name: String, _ value: Secret) {
        guard !value.isEmpty, !contains(name) else { return }
        pairs.append((name, value))
    }

    func contains(_ name: String) -> Bool {
        pairs.contains { bytesEqual($0.name, name) }
    }
}
