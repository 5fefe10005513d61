import ToolAuthCore

/// The URL of an endpoint with places to fill in: `https://${connection.shop}.example.com/token`.
///
/// In scheme, host and port a value stands as it is, and only if the document bounds what it may be: client secrets and
/// codes are sent there. Behind the host it is percent-encoded.
package struct EndpointTemplate: Sendable, Equatable {
    package let template: Template

    package init(_ template: Template) {
        self.template = template
    }

    /// The URL for these values, if all its places have one.
    ///
    /// - Throws: ``UnfitEndpoint`` where one has none, or has one that may not stand there, or the whole is no URL.
    package func expand(
        _ values: (String) -> String?, _ parameters: [ConnectionParameter]
    ) throws(UnfitEndpoint) -> Endpoint {
        let filled = try filling(values, parameters)
        if let missing = filled.template.variables.first {
            throw UnfitEndpoint("needs ${\(missing)}, which has no value")
        }
        return try Endpoint(filled.text)
    }

    /// The template with the places filled that have a value.
    ///
    /// - Throws: ``UnfitEndpoint`` where a value may not stand where it would.
    package func filling(
        _ values: (String) -> String?, _ parameters: [ConnectionParameter]
    ) throws(UnfitEndpoint) -> EndpointTemplate {
        var parts: [Template.Part] = []
        var url = ""
        for part in template.parts {
            switch part {
            case .literal(let literal):
                parts.append(part)
                url += literal
            case .variable(let name):
                guard let value = values(name) else {
                    parts.append(part)
                    url += Self.anyValue(after: url)
                    continue
                }
                let text =
                    Self.endsInAuthority(url)
                    ? try AuthorityPlace(name: name, isFirst: url.isEmpty).text(value, parameters)
                    : try Self.encode(value, of: name)
                parts.append(.literal(text))
                url += text
            }
        }
        return EndpointTemplate(Template(parts: parts))
    }

    /// As it would be written in a document.
    package var text: String { template.text }

    /// The places in scheme, host and port.
    package var authorityPlaces: [AuthorityPlace] {
        var places: [AuthorityPlace] = []
        var url = ""
        for (index, part) in template.parts.enumerated() {
            switch part {
            case .literal(let literal): url += literal
            case .variable(let name):
                if Self.endsInAuthority(url) {
                    let rest = template.parts[(index + 1)...].first
                    // A value at the beginning may be a URL with a path, in which all that follows it gets lost.
                    let isBound = !url.isEmpty && Self.isDomain(rest)
                    places.append(AuthorityPlace(name: name, isFirst: url.isEmpty, isBound: isBound))
                }
                url += Self.anyValue(after: url)
            }
        }
        return places
    }

    /// `scheme://host:port`, where no place can change it.
    package var origin: String? {
        guard authorityPlaces.isEmpty else { return nil }
        let text = template.expand { _ in "x" }
        return text.flatMap { try? EndpointURL($0).origin }
    }

    /// The URL with something in every place, where its values change nothing in how its address is judged: those in its
    /// host stay below a domain that the document names; nil: they may.
    package var example: String? {
        authorityPlaces.allSatisfy(\.isBound) ? template.expand { _ in "x" } : nil
    }

    /// A value as it stands behind the host.
    private static func encode(_ value: String, of name: String) throws(UnfitEndpoint) -> String {
        // Dots are not encoded, and clients walk up the path at them.
        if value == "." || value == ".." {
            throw UnfitEndpoint("may not have '\(value)' for ${\(name)}: that would be another path")
        }
        return PercentEncoding.encode(value)
    }

    /// What a value that is not known might be, to tell where in the URL the next place is: at the beginning one brings
    /// scheme and host along, elsewhere it ends nothing.
    private static func anyValue(after url: String) -> String { url.isEmpty ? "https://x" : "x" }

    /// Whether what is put behind `url` is still of its scheme, host or port.
    private static func endsInAuthority(_ url: String) -> Bool {
        let bytes = Array(url.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let rest = bytes[(colon + 1)...].drop { $0 == UInt8(ascii: "/") }
        return !rest.contains { "/?#\\".utf8.contains($0) }
    }

    /// Whether what follows a place keeps it below a domain that the document names: `.myshopify.com/…`.
    private static func isDomain(_ part: Template.Part?) -> Bool {
        guard case .literal(let literal)? = part, literal.utf8.first == UInt8(ascii: ".") else { return false }
        let host = literal.utf8.prefix { !"/?#:".utf8.contains($0) }
        return host.split(separator: UInt8(ascii: ".")).count >= 2
    }
}

extension EndpointTemplate: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) {
        template = Template(stringLiteral: text)
    }
}
