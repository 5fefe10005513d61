import ToolAuthCore

/// A place in scheme, host or port of an endpoint: what is put there decides who gets codes, tokens and the client's
/// secret.
package struct AuthorityPlace: Sendable, Equatable {
    /// `connection.NAME` or `metadata.NAME`.
    package let name: String
    /// Whether the URL begins with it.
    package let isFirst: Bool
    /// Whether a domain that the document names follows it.
    package let isBound: Bool

    init(name: String, isFirst: Bool, isBound: Bool = false) {
        self.name = name
        self.isFirst = isFirst
        self.isBound = isBound
    }

    /// The connection entry whose rules hold for it: `${metadata.NAME}` has those of the entry of the same name.
    package func parameter(_ parameters: [ConnectionParameter]) -> ConnectionParameter? {
        guard let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let key = String(name[name.utf8.index(after: dot)...])
        return parameters.first { bytesEqual($0.name, key) }
    }

    package var isMetadata: Bool { name.hasPrefix(OAuth2Configuration.metadataPrefix) }

    /// What stands there for `value`.
    ///
    /// - Throws: ``UnfitEndpoint`` unless the document allows that value there.
    func text(_ value: String, _ parameters: [ConnectionParameter]) throws(UnfitEndpoint) -> String {
        guard let parameter = parameter(parameters), parameter.mayBeHost else {
            throw UnfitEndpoint("may not have ${\(name)} in its host: nothing says which values are allowed")
        }
        if isMetadata { return try host(value, parameter) }
        if let problem = parameter.problem(with: value) { throw UnfitEndpoint("may not be made: \(problem)") }
        // At the very beginning a value may be a whole URL, which its pattern allowed; one of a list is a host.
        guard !isFirst else { return parameter.hosts == nil ? value : "https://\(value)" }
        guard value.utf8.allSatisfy(Self.isAuthorityCharacter) else {
            throw UnfitEndpoint("would have '\(PlainText.shown(value))' in its host, which is no part of one")
        }
        return value
    }

    /// The host that a callback or a reply named, itself or as an https origin; only one of those listed.
    private func host(_ value: String, _ parameter: ConnectionParameter) throws(UnfitEndpoint) -> String {
        let host = Self.host(ofOrigin: value) ?? value.lowercased()
        guard let hosts = parameter.hosts, hosts.contains(where: { bytesEqual($0, host) }) else {
            throw UnfitEndpoint(
                "would be at '\(PlainText.shown(value))', which is none of the hosts allowed for '\(parameter.name)'")
        }
        return isFirst ? "https://\(host)" : host
    }

    private static func host(ofOrigin text: String) -> String? {
        guard let url = try? EndpointURL(text), url.scheme == .https, url.port == 443, url.query == nil,
            url.path.isEmpty || url.path == "/"
        else { return nil }
        return url.host
    }

    /// A letter, digit, hyphen or dot, and the colon before a port.
    private static func isAuthorityCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-.:".utf8.contains(byte)
        }
    }
}
