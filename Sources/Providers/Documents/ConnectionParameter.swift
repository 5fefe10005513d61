import ToolAuthCore

/// A value that a provider needs from each tool, such as a tenant or a subdomain.
struct ConnectionParameter: Sendable {
    var name: String
    var description: String?
    /// A regular expression that the whole value matches.
    var pattern: String?
    /// The only values allowed; nil: not so restricted.
    var hosts: [String]?
    var defaultValue: String?

    /// Whether a value may stand in the host of an endpoint: something bounds what it can be.
    var mayBeHost: Bool { pattern != nil || hosts != nil }

    init(name: String, _ section: Section, _ log: inout ProblemLog) {
        self.name = name
        description = section.text("description")
        pattern = section.text("pattern")
        hosts = section.texts("hosts")
        if let pattern = section.located("pattern"), Self.compile(pattern.value) == nil {
            log.error(at: pattern, "is not a regular expression")
            self.pattern = nil
        }
        defaultValue = section.text("default")
        if let value = section.located("default"), let problem = problem(with: value.value) {
            log.error(at: value, problem)
        }
    }

    /// Why `value` is not allowed; nil: it is.
    func problem(with value: String) -> String? {
        // A dot segment would be another path, wherever it is put.
        if value.isEmpty || value == "." || value == ".." { return "'\(value)' is no value for '\(name)'" }
        if value.utf8.count > 255 { return "the value for '\(name)' is longer than 255 bytes" }
        if let hosts, !hosts.contains(where: { bytesEqual($0, value) }) {
            return "'\(value)' is none of the hosts allowed for '\(name)': \(hosts.joined(separator: ", "))"
        }
        if let pattern, let regex = Self.compile(pattern), (try? regex.wholeMatch(in: value)) == nil {
            return "'\(value)' does not match the pattern of '\(name)', \(pattern)"
        }
        return nil
    }

    /// Over Unicode scalars: a letter and an accent that follows it are two characters to a pattern.
    private static func compile(_ pattern: String) -> Regex<AnyRegexOutput>? {
        try? Regex(pattern).matchingSemantics(.unicodeScalar)
    }
}
