import ToolAuthCore

/// A value that a provider needs to know which of its servers, tenants or accounts is meant: `${connection.NAME}`. The
/// tool's file gives it; where that does not, the caller of authorize may, or the document has a default.
package struct ConnectionParameter: Sendable, Equatable {
    package var name: String
    package var description: String?
    /// A regular expression that the whole value matches.
    package var pattern: String?
    /// The only values allowed, and the only hosts that `${metadata.NAME}` may bring; nil: not so restricted.
    package var hosts: [String]?
    package var defaultValue: String?
    /// Whether it alone decides which host is asked, with nothing but a pattern to bound it. Such a value is the
    /// administrator's to give, never a caller's: the client's secret goes to that host.
    package var decidesHost = false

    package init(
        name: String, description: String? = nil, pattern: String? = nil, hosts: [String]? = nil,
        defaultValue: String? = nil
    ) {
        self.name = name
        self.description = description
        self.pattern = pattern
        self.hosts = hosts
        self.defaultValue = defaultValue
    }

    /// Whether a value may stand in the host of an endpoint: something bounds what it can be.
    package var mayBeHost: Bool { pattern != nil || hosts != nil }

    /// Whether callers may give it where the tool's file does not.
    package var isOpenToCallers: Bool { !decidesHost || hosts != nil }

    /// Why `value` is not allowed; nil: it is.
    package func problem(with value: String) -> String? {
        let shown = PlainText.shown(value)
        // A dot segment would be another path, wherever it is put.
        if value.isEmpty || value == "." || value == ".." { return "'\(shown)' is no value for '\(name)'" }
        if value.utf8.count > 255 { return "the value for '\(name)' is longer than 255 bytes" }
        if let hosts, !hosts.contains(where: { bytesEqual($0, value) }) {
            return "'\(shown)' is none of the hosts allowed for '\(name)': \(hosts.joined(separator: ", "))"
        }
        if let pattern, let regex = Self.compile(pattern), (try? regex.wholeMatch(in: value)) == nil {
            return "'\(shown)' does not match the pattern of '\(name)', \(pattern)"
        }
        return nil
    }

    /// Over Unicode scalars: a letter and an accent that follows it are two characters to a pattern.
    ///
    /// - Returns: nil for what is no regular expression.
    package static func compile(_ pattern: String) -> Regex<AnyRegexOutput>? {
        try? Regex(pattern).matchingSemantics(.unicodeScalar)
    }
}
