import ToolAuthCore

/// An absolute `https` or `http` URL, taken apart. Strict: what browsers and libraries read in different ways is refused,
/// so that the host checked is the host connected to.
package struct EndpointURL: Sendable, Equatable {
    package enum Scheme: String, Sendable {
        case https, http

        var defaultPort: Int { self == .https ? 443 : 80 }
    }

    package let scheme: Scheme
    /// In lower case; an IPv6 address keeps its brackets.
    package let host: String
    /// The scheme's own where the URL has none.
    package let port: Int
    /// As written; empty or begins with `/`.
    package let path: String
    /// As written, without its `?`; nil: there is none.
    package let query: String?

    /// - Throws: ``InvalidURL`` unless `text` is an absolute http(s) URL in visible ASCII, without backslash, user
    ///   information and fragment (RFC 6749 §3.1, §3.2), with a plain host and a port of 1–65535.
    package init(_ text: String) throws(InvalidURL) {
        let parts = try URLParts(text)
        guard let scheme = Scheme(rawValue: parts.scheme.lowercased()) else {
            throw InvalidURL("is neither https nor http")
        }
        self.scheme = scheme
        (host, port) = try Self.split(authority: parts.authority, defaultPort: scheme.defaultPort)
        path = parts.path
        query = parts.query
    }

    /// `scheme://host:port`, the port always there: what tokens are bound to.
    package var origin: String { "\(scheme.rawValue)://\(host):\(port)" }

    /// Whether the host is a literal loopback address; a name such as `localhost` can be made to mean anything
    /// (RFC 8252 §8.3).
    package var isLoopbackAddress: Bool { host == "127.0.0.1" || host == "[::1]" }

    /// The names in the query, decoded; nil where it cannot be decoded.
    package var queryNames: [String]? {
        guard let query else { return [] }
        return FormURLEncoding.decode(query.utf8)?.map(\.name)
    }

    private static func split(authority: String, defaultPort: Int) throws(InvalidURL) -> (String, Int) {
        let bytes = Array(authority.utf8)
        let isBracketed = bytes.first == UInt8(ascii: "[")
        let hostEnd: Int
        if isBracketed {
            guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else {
                throw InvalidURL("has a broken IPv6 address")
            }
            hostEnd = bracket + 1
        } else {
            hostEnd = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        }
        let host = bytes[..<hostEnd]
        let isPlain =
            isBracketed
            ? host.count > 3 && host.dropFirst().dropLast().allSatisfy(isIPv6Character)
            : host.allSatisfy(isNameCharacter)
        guard !host.isEmpty, host.count <= 255, isPlain else { throw InvalidURL("has no plain host") }
        let name = String(decoding: host, as: UTF8.self).lowercased()
        let rest = bytes[hostEnd...]
        guard !rest.isEmpty else { return (name, defaultPort) }
        let digits = rest.dropFirst()
        guard rest.first == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy(isDigit),
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65535).contains(port)
        else { throw InvalidURL("has a port that is none of 1–65535") }
        return (name, port)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: isDigit(byte)
        }
    }

    private static func isIPv6Character(_ byte: UInt8) -> Bool {
        PercentEncoding.value(ofDigit: byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
